"""To whom new verdicts are owed, and the mark that says so in the store for as long as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

from ghl_triage.store.reader import Reader
from ghl_triage.store.writer import Writer

UNDIAGNOSED = "undiagnosed"
"""The cursor that stands while rows are stored whose customers have no new verdict yet."""
_SYNC, _GUEST = "sync", "guest"
"""What is written there. A sync knows to whom it owes; what a guest left that was killed, nobody knows."""


@contextmanager
def owing(writer: Writer) -> Iterator[None]:
    """Inside, something is stored and its verdicts are given. Cut off in between, it is left to the next sync."""
    before = writer.cursor(UNDIAGNOSED)
    writer.save_cursor(UNDIAGNOSED, _GUEST)
    yield
    writer.save_cursor(UNDIAGNOSED, before)


class Owed:
    """What one run owes; used on the store's thread alone.

    A `guest` may have come in the midst of a sync: what was owed when it came is left to that.
    """

    def __init__(self, reader: Reader, *, guest: bool) -> None:
        """Whatever stands there was left by a run that was cut off, or, for a guest, is none of its business."""
        self._reader = reader
        self._guest = guest
        self._before = reader.cursor(UNDIAGNOSED)
        self._everybody = bool(self._before) and not guest
        self._marked = False
        self.customers: set[str] = set()
        """Those whose records changed since their last verdict."""

    def mark(self, writer: Writer) -> None:
        """Something is about to be stored; the mark comes first."""
        if not self._marked:
            writer.save_cursor(UNDIAGNOSED, _GUEST if self._guest else _SYNC)
            self._marked = True

    def everybody(self) -> None:
        """What changed bears on every verdict."""
        self._everybody = True

    def see_what_was_left(self) -> None:
        """Others wrote meanwhile: one that was killed over it owed verdicts, and all are due."""
        left = self._reader.cursor(UNDIAGNOSED)
        if left not in (None, _SYNC):
            self._before, self._everybody = left, True

    def reckon(self) -> None:
        """Name everybody, where everybody is owed a verdict."""
        if self._everybody:
            self._everybody = False
            self.customers.update(self._reader.customers())

    def take(self, most: int) -> list[str]:
        """Some of them, who get their verdicts now."""
        return self.given(list(islice(self.customers, most)))

    def given(self, customers: Iterable[str]) -> list[str]:
        """These get their verdicts now."""
        batch = list(customers)
        self.customers.difference_update(batch)
        return batch

    def settle(self, writer: Writer) -> None:
        """Take the mark away where nothing is owed any more; a guest leaves it as he found it."""
        if self._everybody or self.customers:
            return
        if self._guest and self._marked:
            writer.save_cursor(UNDIAGNOSED, self._before)
        elif not self._guest and (self._marked or self._before):
            writer.save_cursor(UNDIAGNOSED, None)
            self._before = None
        self._marked = False
