"""The least that a Textual program with a table can be: what start-up and keys are compared with.

`python -m benchmarks.empty_app ROWS`: a DataTable with so many rows, 0 for an empty one.
"""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.widgets import DataTable

COLUMNS = ("Customer", "Path", "Status", "Cause", "At risk", "Next", "Age")


class EmptyApp(App[None]):
    """One table."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self._rows = rows

    def compose(self) -> ComposeResult:
        table: DataTable[str] = DataTable(cursor_type="row")
        table.add_columns(*COLUMNS)
        for number in range(self._rows):
            table.add_row(f"user{number}@acme.test", "api", "past due", "card not default", "$97.00", "2d", "3d")
        yield table


if __name__ == "__main__":
    EmptyApp(int(sys.argv[1])).run()
