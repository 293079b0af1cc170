"""Which cases are marked, by row number, so that marks survive filters and refreshes."""

from __future__ import annotations

from array import array
from collections.abc import Iterable


class Selection:
    """A set of row numbers, and the start of a range that is being marked (an index into what is shown)."""

    def __init__(self) -> None:
        self.rows: set[int] = set()
        self.anchor: int | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def mark(self, row: int, index: int, cursor: int) -> str:
        """The sign of a row: a tick when marked, a dot while a range passes over it."""
        if row in self.rows:
            return "✓"
        if self.anchor is not None and min(self.anchor, cursor) <= index <= max(self.anchor, cursor):
            return "·"
        return " "

    def toggle(self, row: int) -> None:
        """Mark the row, or take the mark off."""
        self.rows.symmetric_difference_update((row,))

    def add_or_drop_all(self, ids: Iterable[int]) -> None:
        """Mark all of these; where all are marked already, none of them."""
        shown = set(ids)
        if shown <= self.rows:
            self.rows -= shown
        else:
            self.rows |= shown

    def close_range(self, ids: array[int], cursor: int) -> bool:
        """Mark everything from the anchor to the cursor; False where no range was open."""
        if self.anchor is None:
            return False
        first, last = sorted((self.anchor, cursor))
        self.rows.update(ids[first : last + 1])
        self.anchor = None
        return True

    def discard(self, rows: Iterable[int]) -> None:
        """Take the marks off these."""
        self.rows.difference_update(rows)

    def clear(self) -> None:
        """Mark nothing, and forget an open range."""
        self.rows.clear()
        self.anchor = None
