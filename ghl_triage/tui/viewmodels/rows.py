"""The table's columns, and a case as their cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from ghl_triage.diagnosis.possible import letters
from ghl_triage.model import ActionKind, CaseRow, Path, Stage
from ghl_triage.text import ago, clean, until, words
from ghl_triage.tui.spans import Span, Tone
from ghl_triage.tui.viewmodels.display import STATUS_TONES, Display

MARKS = 3
"""Cells at the left edge: the cursor's bar, the tick of a marked row, a space."""

Cells = Mapping[str, Span]
"""The cells of a row by column; not yet fitted to any width."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table. `width` is in cells, 0 for what the others leave; `sort` is what a click sorts by.

    `most` is how wide it grows where there is room to spare; 0 never.
    """

    key: str
    title: str
    width: int
    sort: str = ""
    right: bool = False
    gap: int = 2
    most: int = 0


WIDE = (
    Column("customer", "Customer", 0, "customer", gap=1),
    Column("path", "Path", 9, "path", gap=1),
    Column("status", "Status", 10, "status", gap=1, most=18),
    Column("cause", "Cause", 24, "cause", gap=1, most=27),
    Column("keys", "Act", 3, gap=1),
    Column("amount", "At risk", 11, "amount", right=True, gap=1),
    Column("next", "Next", 4, "next", right=True, gap=1),
    Column("age", "Age", 4, "age", right=True, gap=1),
)
NARROW = (
    Column("customer", "Customer", 0, "customer", gap=1),
    Column("path2", "", 2, "path", gap=1),
    Column("cause", "Cause", 24, "cause", gap=1),
    Column("keys", "Act", 3, gap=1),
    Column("amount", "At risk", 11, "amount", right=True, gap=1),
    Column("next", "Next", 4, "next", right=True, gap=1),
    Column("age", "Age", 4, "age", right=True, gap=1),
)
ADDRESS = 32
"""Cells in which most e-mail addresses can be read: the column that takes what is left gets these first."""
_SHORT_PATHS = {Path.HIGHLEVEL: "HL", Path.CHECKOUT: "CO", Path.API: "AP", Path.UNKNOWN: "??"}
_STAGE_TONES = {Stage.RECOVERED: Tone.GOOD, Stage.HEALTHY: Tone.GOOD}


def fitted(columns: tuple[Column, ...], width: int) -> tuple[int, ...]:
    """The width of each column in a table of so many cells."""
    fixed = MARKS + sum(column.width + column.gap for column in columns)
    spare = max(0, width - fixed - ADDRESS)
    widths = []
    for column in columns:
        more = min(spare, max(0, column.most - column.width))
        spare -= more
        widths.append(column.width + more)
    left = width - fixed - sum(room - column.width for room, column in zip(widths, columns, strict=True))
    return tuple(room or max(8, left) for room in widths)


def columns(*, narrow: bool, read_only: bool) -> tuple[Column, ...]:
    """The columns that have room; where nothing can be done, the keys that would do it are left out."""
    return tuple(column for column in (NARROW if narrow else WIDE) if column.key != "keys" or not read_only)


Keys: TypeAlias = Callable[[tuple[ActionKind, ...] | None], Span]
"""Makes the cell of the keys that act, from the actions that are possible."""


def key_cells(letter_of: Mapping[ActionKind, str]) -> Keys:
    """The cells of the keys; most rows share a few of them."""

    @lru_cache(maxsize=64)
    def cell(possible: tuple[ActionKind, ...] | None) -> Span:
        return Span("" if possible is None else letters(possible, letter_of), Tone.TEXT if possible else Tone.MUTED)

    return cell


def cells(row: CaseRow, display: Display, keys: Keys) -> Cells:
    """A case as the cells of every column there is."""
    at_risk = row.stage is Stage.AT_RISK
    charge_at = row.next_retry_at or (row.trial_end if at_risk else None)
    return {
        "customer": Span(clean(row.email) or clean(row.name) or clean(row.subscription)),
        "path": Span(str(row.path), Tone.MUTED),
        "path2": Span(_SHORT_PATHS.get(row.path, "??"), Tone.MUTED),
        "status": Span(clean(row.status), STATUS_TONES.get(row.status, Tone.TEXT)),
        "cause": cause_span(row),
        "keys": keys(row.possible),
        "amount": Span(display.money(row.amount_at_risk, row.currency) if row.amount_at_risk else "–"),
        "next": Span(until(charge_at, display.now), Tone.MUTED),
        "age": Span(ago(max(0, display.now - (row.failed_at or row.created))), Tone.MUTED),
    }


def cause_span(row: CaseRow) -> Span:
    """The cause in words; while it is open why, and where there is none the stage."""
    if row.cause is not None:
        return Span(words(row.cause))
    if row.pending:
        return Span(clean(row.pending), Tone.MUTED)
    return Span(words(row.stage), _STAGE_TONES.get(row.stage, Tone.MUTED))
