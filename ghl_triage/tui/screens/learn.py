"""The kinds of subscriptions in the account, each of which the consultant names once."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.widgets import Input

from ghl_triage.errors import TriageError
from ghl_triage.text import clean
from ghl_triage.tui.keys import LEARN, Group
from ghl_triage.tui.messages import EntryChosen, KindsRead, QueryFailed
from ghl_triage.tui.screens.base import TriageScreen
from ghl_triage.tui.screens.choice import ChoiceScreen
from ghl_triage.tui.spans import Line, Span, Tone, line
from ghl_triage.tui.viewmodels import learn
from ghl_triage.tui.widgets.line_bar import LineBar
from ghl_triage.tui.widgets.lines_view import LinesView
from ghl_triage.tui.widgets.pick_list import PickList

if TYPE_CHECKING:
    from ghl_triage.kind import Kind
    from ghl_triage.tui.ports import LessonsPort


@dataclass(frozen=True, slots=True)
class Naming:
    """A name on its way: all but its text."""

    kind: Kind
    path: str
    any_price: bool = False


class LearnScreen(TriageScreen):
    """Which kinds there are, how the rules attribute them, and what the consultant calls them."""

    CSS_PATH = "learn.tcss"
    AUTO_FOCUS = "#kinds"
    GROUPS: ClassVar[tuple[Group, ...]] = (LEARN,)

    def __init__(self, lessons: LessonsPort) -> None:
        super().__init__()
        self._lessons = lessons
        self._kinds: Sequence[Kind] | None = None
        self._naming: Naming | None = None
        self._working = ""

    def compose(self) -> ComposeResult:
        yield LineBar(
            lambda width, _h: [learn.title_line(self.titled("Learn"), self._kinds, self._working, width)], id="title"
        )
        yield LineBar(lambda width, _h: [learn.heading(width)], id="heading")
        yield PickList(id="kinds")
        yield LineBar(lambda width, _h: [line(Span("─" * width, Tone.RULE))], id="rule")
        yield LinesView(self._detail, id="detail")
        yield Input(placeholder="what you call it: enter keeps it, esc leaves it", id="name", compact=True)
        yield LineBar(self._keys, id="keys")

    def on_mount(self) -> None:
        self.watch(self.query_one("#kinds"), "cursor", self._show_detail, init=False)
        self._read()

    def on_resize(self) -> None:
        if self.is_mounted:
            self._show()

    @work(thread=True, group="kinds", exclusive=True, exit_on_error=False)
    def _read(self) -> None:
        try:
            self.post_message(KindsRead(self._lessons.kinds()))
        except TriageError as fault:
            self.post_message(QueryFailed(str(fault)))

    @on(KindsRead)
    def _kinds_read(self, event: KindsRead) -> None:
        self._kinds = event.kinds
        self._show()

    def _show(self) -> None:
        self.query_one("#kinds", PickList).show(learn.kind_entries(self._kinds or (), self.size.width))
        self.query_one("#title", LineBar).rebuild()
        self._show_detail()

    def _show_detail(self) -> None:
        self.query_one("#detail", LinesView).rebuild()

    # Lines

    def _detail(self, width: int, _height: int) -> list[Line]:
        return [] if self._kinds is None else learn.kind_lines(self._current(), width)

    def _keys(self, _width: int, _height: int) -> list[Line]:
        parts = ((" enter", "name it"), ("  tab", "read the kind below"), ("  esc", "back"))
        return [line(*(span for key, does in parts for span in (Span(key, Tone.KEY), Span(f" {does}", Tone.MUTED))))]

    def _current(self) -> Kind | None:
        place = self.query_one("#kinds", PickList).cursor
        return self._kinds[place] if self._kinds and place < len(self._kinds) else None

    # Naming

    @on(EntryChosen)
    def _kind_chosen(self) -> None:
        kind = self._current()
        if kind is not None and self.is_current:
            title = f"How were these {kind.count:,} sold?"
            self.app.push_screen(
                ChoiceScreen(title, learn.path_entries(kind)), lambda choice: self._path_chosen(kind, choice)
            )

    def _path_chosen(self, kind: Kind, choice: str | None) -> None:
        if choice is None:
            return
        if choice == learn.FORGET:
            self._follow(self._lessons.forget(kind.id))
            return
        others = learn.siblings(kind, self._kinds or ())
        if not others:
            self._ask_name(Naming(kind, choice))
            return
        self.app.push_screen(
            ChoiceScreen("For which price?", learn.price_entries(kind, others)),
            lambda price: self._ask_name(Naming(kind, choice, price == learn.ANY_PRICE)) if price else None,
        )

    def _ask_name(self, naming: Naming) -> None:
        self._naming = naming
        known = naming.kind.name
        box = self.query_one("#name", Input)
        box.value = clean(known.name if known else naming.kind.application_name)
        box.add_class("-shown")
        box.focus()

    @on(Input.Submitted, "#name")
    def _name_given(self, event: Input.Submitted) -> None:
        event.stop()
        name, naming = event.value.strip(), self._naming
        if not name or naming is None:
            self.say("A kind needs a name: any words that you know it by.", "warning")
            return
        self._leave_name()
        self._follow(self._lessons.teach(naming.kind.id, path=naming.path, name=name, any_price=naming.any_price))

    def _leave_name(self) -> None:
        self._naming = None
        box = self.query_one("#name", Input)
        box.value = ""
        box.remove_class("-shown")
        self.query_one("#kinds").focus()

    def _follow(self, words: AsyncGenerator[str]) -> None:
        # The app's own worker: the new verdicts go on when this screen is left.
        self.app.run_worker(self._told(words), group="learn", exit_on_error=False)

    async def _told(self, words: AsyncGenerator[str]) -> None:
        said = ""
        try:
            async with aclosing(words) as told:
                async for said in told:
                    self._show_working(said)
            self.say(said)
        except TriageError as fault:
            self.say(str(fault), "error")
        self._show_working("")
        self.home.cases_changed()
        if self.is_attached:
            self._read()

    def _show_working(self, words: str) -> None:
        self._working = words
        if self.is_attached:
            self.query_one("#title", LineBar).rebuild()

    def action_back(self) -> None:
        if self.query_one("#name").has_class("-shown"):
            self._leave_name()
        else:
            self.dismiss()
