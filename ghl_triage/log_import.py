"""Brings the client's own log into the store, file by file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ghl_triage.errors import TriageError
from ghl_triage.sources.logfile import UNREADABLE, LogLine, read_log
from ghl_triage.store.writer import Writer
from ghl_triage.text import clean, plural

LINES_AT_ONCE = 500
BAD_TOLD = 20
"""So many lines that could not be read are named by number."""


@dataclass(slots=True)
class Imported:
    """What came of a file. `nobody` lines name no customer; `unreadable` are the numbers of bad lines."""

    file: str
    lines: int = 0
    kept: int = 0
    new: int = 0
    nobody: int = 0
    unreadable: list[int] = field(default_factory=list)

    @property
    def is_no_log(self) -> bool:
        """Whether the file has lines, and none of them can be read."""
        return 0 < self.lines == len(self.unreadable)

    def words(self) -> str:
        """One line for a reader."""
        said = [f"{self.file}: {plural(self.lines, 'line')}, {self.kept:,} name a customer, {self.new:,} of them new"]
        if self.nobody:
            said.append(f"{self.nobody:,} name nobody")
        if self.unreadable:
            named = ", ".join(map(str, self.unreadable[:BAD_TOLD]))
            more = "…" if len(self.unreadable) > BAD_TOLD else ""
            lines = "line" if len(self.unreadable) == 1 else "lines"
            said.append(f"{len(self.unreadable):,} cannot be read: {lines} {named}{more}")
        return "; ".join(said)


def import_file(writer: Writer, file: Path, now: int) -> tuple[Imported, set[str]]:
    """Keep the lines of a file that name somebody; what came of it, and whose verdicts that may change.

    Raises TriageError where the file cannot be read to its end; what was read before is kept.
    """
    told, touched = Imported(clean(file.name)), set[str]()
    waiting: list[LogLine] = []

    def keep() -> None:
        new, customers = writer.write_log_lines(told.file, waiting, now)
        told.new += new
        touched.update(customers)
        waiting.clear()

    try:
        for entry in read_log(file):
            told.lines += 1
            if entry.line is None:
                told.unreadable.append(entry.number)
            elif not entry.line.names_somebody:
                told.nobody += 1
            else:
                told.kept += 1
                waiting.append(entry.line)
                if len(waiting) == LINES_AT_ONCE:
                    keep()
    except UNREADABLE as error:
        raise TriageError(f"{told.file} cannot be read to its end: {error}.") from None
    finally:
        keep()
    return told, touched
