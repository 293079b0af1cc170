"""Moves a store forward again and again, in a process that kills itself at a later statement each time.

For itself: `python -m tests.store.killer FOLDER VERSION` copies FOLDER/old.sqlite3 to FOLDER/N/store.sqlite3 for N from
0 on, opens that in a child that dies before its Nth statement, and ends when a child lived to the end. Prints N.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

from ghl_triage.store import backups, schema
from ghl_triage.store.connection import connect_reader, connect_writer
from ghl_triage.store.schema import open_store


class _Counter:
    def __init__(self, last: int) -> None:
        self.left = last

    def __call__(self, _statement: str) -> None:
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1


def _die_before(statement: int, path: Path) -> None:
    counter = _Counter(statement)

    def watched(opener: Any) -> Any:
        def opened(at: Path, **options: Any) -> sqlite3.Connection:
            connection: sqlite3.Connection = opener(at, **options)
            connection.set_trace_callback(counter)
            return connection

        return opened

    schema.connect_writer = watched(connect_writer)  # type: ignore[attr-defined]
    backups.connect_reader = watched(connect_reader)  # type: ignore[attr-defined]
    open_store(path)


def main(folder: Path, first: int, step: int) -> int:
    """How many statements there were."""
    import sqlite_utils.migrations  # noqa: F401  (once, not in each child)

    number = first
    while True:
        path = folder / str(number) / "store.sqlite3"
        path.parent.mkdir()
        if (folder / "old.sqlite3").exists():
            shutil.copy(folder / "old.sqlite3", path)
        child = os.fork()
        if child == 0:
            _die_before(number, path)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            return number
        number += step


if __name__ == "__main__":
    print(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
