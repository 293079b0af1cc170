"""The table of `ghl-triage cases`: one line a case, however narrow the terminal is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.text import Text

from ghl_triage.actions.catalogue import ACTIONS
from ghl_triage.diagnosis.possible import letters, possible
from ghl_triage.model import Case
from ghl_triage.output import cause_words
from ghl_triage.report.table_lines import shrunk
from ghl_triage.rights import Rights
from ghl_triage.text import ago, cells_of, clean, fit, money, until

_GAP = 2
_SMALLEST = 8
_KEYS = {action.kind: action.key for action in ACTIONS}


@dataclass(frozen=True, slots=True)
class _Column:
    """A column. `least`: the cells to which it may be cut; None: it is shown whole or left out."""

    title: str
    right: bool = False
    least: int | None = None


_COLUMNS = (
    _Column("Customer", least=20),
    _Column("Path"),
    _Column("Status"),
    _Column("Cause", least=16),
    _Column("Act"),
    _Column("At risk", right=True),
    _Column("Next", right=True),
    _Column("Age", right=True),
)
_LEFT_OUT = ("Status", "Act", "Path", "Age", "Next")
"""What a narrow terminal goes without, in this order: the money stays to the last."""


def lines(cases: Iterable[Case], *, now: int, locale: str, rights: Rights, width: int) -> list[Text]:
    """The same columns as on the screen, with the keys that `rights` allow, in lines of at most `width` cells."""
    rows = [_row(case, now, locale, rights) for case in cases]
    widest = [max(map(cells_of, texts)) for texts in zip(_titles(), *rows, strict=True)]
    places = list(range(len(_COLUMNS)))
    for title in _LEFT_OUT:
        if _needed(places, widest) > width:
            places.remove(_titles().index(title))
    widths = _widths(places, widest, width)
    header = Text(_line(_titles(), places, widths), style="bold")
    return [header, *(Text(_line(row, places, widths)) for row in rows)]


def _titles() -> tuple[str, ...]:
    return tuple(column.title for column in _COLUMNS)


def _row(case: Case, now: int, locale: str, rights: Rights) -> tuple[str, ...]:
    first_charge = case.trial_end if case.status == "trialing" else None
    return (
        clean(case.email) or clean(case.name) or clean(case.customer),
        case.path.value,
        clean(case.status),
        cause_words(case),
        letters([kind for kind in possible(case) if not rights.why_not(kind, case)], _KEYS),
        money(case.amount_at_risk, case.currency, locale) if case.amount_at_risk else "–",
        until(case.next_retry_at or first_charge, now),
        ago(max(0, now - (case.failed_at or case.created))),
    )


def _needed(places: Sequence[int], widest: Sequence[int]) -> int:
    """The cells that these columns take at least."""
    least = (_COLUMNS[place].least for place in places)
    return sum(min(widest[place], low or widest[place]) for place, low in zip(places, least, strict=True)) + _GAP * (
        len(places) - 1
    )


def _widths(places: Sequence[int], widest: Sequence[int], width: int) -> list[int]:
    room = max(width - _GAP * (len(places) - 1), 0)
    whole = [widest[place] for place in places]
    least = [min(_SMALLEST, widest[place]) if _COLUMNS[place].least else widest[place] for place in places]
    return shrunk(whole, least, room) if sum(least) <= room else least


def _line(texts: Sequence[str], places: Sequence[int], widths: Sequence[int]) -> str:
    cells = (fit(texts[place], width, right=_COLUMNS[place].right) for place, width in zip(places, widths, strict=True))
    return (" " * _GAP).join(cells).rstrip()
