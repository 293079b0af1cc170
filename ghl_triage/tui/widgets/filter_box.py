"""The filter box: filters while one types, completes words, remembers earlier filters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.suggester import Suggester
from textual.widgets import Input

from ghl_triage.text import printable
from ghl_triage.tui.messages import FilterAbandoned, FilterAccepted, FilterTyped

Complete = Callable[[str], Sequence[str]]
"""Gives whole texts that the text so far may become, the likeliest first."""


class _Completions(Suggester):
    def __init__(self, complete: Complete) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        found = next(iter(self._complete(value)), None) if value else None
        # An input paints its text and what it suggests as they stand, and words of the store come from outside.
        return found if found == printable(found or "") else None


class FilterBox(Input):
    """One line of filter; the text is plain and may be anything."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "abandon", show=False),
        Binding("tab", "complete", show=False),
        Binding("up", "older", show=False),
        Binding("down", "newer", show=False),
    ]

    def __init__(self, complete: Complete, *, id: str | None = None) -> None:
        super().__init__(
            placeholder="filter: words, path:api, cause:card_expired, amount:>50 …",
            suggester=_Completions(complete),
            compact=True,
            select_on_focus=False,
            id=id,
        )
        self._history: list[str] = []
        self._place: int | None = None

    def remember(self, text: str) -> None:
        """Keep a filter that was used, newest last, each once."""
        text = text.strip()
        if text:
            self._history = [old for old in self._history if old != text] + [text]
        self._place = None

    def put(self, text: str) -> None:
        """Write the text as if it had been typed."""
        self.value = printable(text)
        self.cursor_position = len(self.value)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(FilterTyped(event.value))

    @on(Input.Submitted)
    def _accepted(self, event: Input.Submitted) -> None:
        event.stop()
        self.remember(event.value)
        self.post_message(FilterAccepted(event.value))

    def action_abandon(self) -> None:
        self._place = None
        self.post_message(FilterAbandoned())

    def action_complete(self) -> None:
        if self._suggestion and self._suggestion != self.value:
            self.put(self._suggestion)
        else:
            self.post_message(FilterAccepted(self.value))

    def action_older(self) -> None:
        place = len(self._history) if self._place is None else self._place
        if place > 0:
            self._place = place - 1
            self.put(self._history[self._place])

    def action_newer(self) -> None:
        if self._place is None:
            self.remember(self.value)
            self.post_message(FilterAccepted(self.value))
        elif self._place + 1 < len(self._history):
            self._place += 1
            self.put(self._history[self._place])
        else:
            self._place = None
            self.put("")
