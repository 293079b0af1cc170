"""A report: the audit, the conversion or the declines, reckoned beside the app, to read and to write to a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from textual import work
from textual.app import ComposeResult

from ghl_triage.errors import TriageError
from ghl_triage.report.files import rendered, write
from ghl_triage.report.layout import Layout, lay_out
from ghl_triage.tui.keys import REPORT, Group
from ghl_triage.tui.screens.base import TriageScreen
from ghl_triage.tui.spans import Line, Span, Tone, line, spread
from ghl_triage.tui.viewmodels.entry import Entry
from ghl_triage.tui.viewmodels.hints import report_hints
from ghl_triage.tui.viewmodels.key_bar import hint_line
from ghl_triage.tui.viewmodels.report import ReportKind, file_name, position, report_lines, waiting_lines
from ghl_triage.tui.widgets.line_bar import LineBar
from ghl_triage.tui.widgets.lines_view import LinesView

if TYPE_CHECKING:
    from ghl_triage.report.document import Document
    from ghl_triage.tui.ports import ReportsPort

_EMPTY = Layout((), (), ())


class ReportScreen(TriageScreen):
    """One report from top to bottom."""

    CSS_PATH = "report.tcss"
    AUTO_FOCUS = "#report"
    GROUPS: ClassVar[tuple[Group, ...]] = (REPORT,)

    def __init__(self, kind: ReportKind, reports: ReportsPort) -> None:
        super().__init__()
        self.kind = kind
        self._reports = reports
        self._document: Document | None = None
        self._layout = _EMPTY
        self._place: int | None = None
        self._fault = ""
        self._busy = False

    def compose(self) -> ComposeResult:
        yield self.header_bar()
        yield LinesView(self._lines, top=lambda: self._place, id="report")
        yield LineBar(self._key_line, id="keys")

    def on_mount(self) -> None:
        self.view = self.query_one("#report", LinesView)
        self.watch(self.view, "scroll_y", self._scrolled, init=False)
        self.action_again()

    # What is shown

    def _lines(self, width: int, _height: int) -> list[Line]:
        if self._document is None:
            return waiting_lines(self.kind, self._fault, width)
        before, top = self._layout, self.view.scroll_offset.y
        self._layout = lay_out(self._document, width - 2)
        moved = bool(before.starts) and before.starts != self._layout.starts
        self._place = self._layout.same_place(before, top) if moved else None
        self.call_after_refresh(self._scrolled)
        return report_lines(self._layout)

    def _key_line(self, width: int, _height: int) -> list[Line]:
        left = [Span(" ")]
        if self._busy and self._document is not None:
            left.append(Span("reckoning again…", Tone.WARN))
        elif self._document is not None:
            left.append(Span(position(self._layout, self.view.scroll_offset.y, self.view.size.height), Tone.MUTED))
        return [spread(line(*left), hint_line(report_hints(self.home.settings.keymap), width - 30), width)]

    def _scrolled(self) -> None:
        self.query_one("#keys", LineBar).rebuild()

    def _show(self, *, top: bool = False) -> None:
        self.view.show(self._lines, top=top)
        self.query_one("#keys", LineBar).rebuild()

    # Reckoning

    def action_again(self) -> None:
        self._busy, self._fault = True, ""
        self._show()
        self._reckon()

    @work(group="report", exclusive=True, exit_on_error=False)
    async def _reckon(self) -> None:
        first = self._document is None
        try:
            self._document = await self._reports.reckon(self.kind.arguments)
        except (TriageError, OSError) as fault:
            self._fault = str(fault)
            if not first:
                self.say(self._fault, "error")
        finally:
            self._busy = False
        self._show(top=first)

    # Keys

    def action_section(self, step: int) -> None:
        top = self.view.scroll_offset.y
        starts = [start for start in self._layout.sections if (start > top if step > 0 else start < top)]
        if starts:
            self.view.put_on_top(starts[0] if step > 0 else starts[-1])
        elif step < 0:
            self.view.put_on_top(0)

    def action_write(self) -> None:
        if self._document is None:
            self.say("There is no report yet.")
            return
        from ghl_triage.tui.screens.choice import ChoiceScreen

        entries = [Entry("HTML: to read and to print", "html"), Entry("Markdown", "md")]
        if self.kind.customers:
            entries.append(Entry("HTML, with the customers' addresses and names", "customers"))
        self.app.push_screen(ChoiceScreen("Write the report", entries), self._write_as)

    def _write_as(self, chosen: str | None) -> None:
        if chosen == "customers":
            self._write_with_customers()
        elif chosen is not None and self._document is not None:
            self._write(self._document, "md" if chosen == "md" else "html", with_customers=False)

    @work(group="customers", exclusive=True, exit_on_error=False)
    async def _write_with_customers(self) -> None:
        self.say("Reckoning the report with the customers' data…")
        try:
            document = await self._reports.reckon((*self.kind.arguments, "--include-customers"))
        except (TriageError, OSError) as fault:
            self.say(str(fault), "error")
        else:
            self._write(document, "html", with_customers=True)

    @work(thread=True, group="write", exit_on_error=False)
    def _write(self, document: Document, form: Literal["md", "html"], *, with_customers: bool) -> None:
        folder = self.home.settings.data_dir / "reports"
        path = folder / file_name(self.kind, self.home.formats, form, with_customers=with_customers)
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write(path, rendered(document, form))
        except (TriageError, OSError) as fault:
            self.say(str(fault), "error")
        else:
            self.say(f"Written to {path}")

    def action_back(self) -> None:
        self.dismiss()
