"""The help as lines, made from the table of keys."""

from __future__ import annotations

from collections.abc import Mapping

from ghl_triage.tui.keys import GROUPS, display
from ghl_triage.tui.spans import BLANK, Line, Span, Tone, line, paragraph, width_of
from ghl_triage.tui.viewmodels.timeline import LEGEND

_KEYS = 16
_FILTER = (
    ("words", "search name, e-mail and ids"),
    ("path:api", "also status stage cause finding actor currency card brand funding country price code advice tag"),
    ("amount:>50", "also age:<7d trial-ends:<3d attempts:>=4; amounts in major units of the row's currency"),
    ("-path:api", "not; quotes hold words together, a comma is or, * is anything"),
    ("stage:*", "lifts the queue: failing and at risk are shown unless a stage is asked for"),
)
_SIGNS = (
    ("✓ ▌", "a marked row, and the cursor; actions take the marked rows, or else the row of the cursor"),
    ("HL CO AP ??", "sold by HighLevel, Stripe Checkout, the API, not known how"),
    ("R L · P X", "the keys that act on a row; a dot stands for one that is refused now: the case below says why"),
    ("H C A B", LEGEND),
)


def help_lines(search: str, keymap: Mapping[str, str], width: int) -> list[Line]:
    """Everything whose key or words hold what is searched for, group by group."""
    wanted = search.strip().lower()
    groups = [
        *(
            (group.title, [(display(keymap.get(key.id, key.keys)), key.hint, key.id) for key in group.keys])
            for group in GROUPS
        ),
        ("Filter", [(word, hint, "") for word, hint in _FILTER]),
        ("Signs", [(sign, hint, "") for sign, hint in _SIGNS]),
    ]
    rows: list[Line] = []
    for title, entries in groups:
        found = [entry for entry in entries if wanted in f"{title} {' '.join(entry)}".lower()]
        if found:
            rows.append(line(Span(f" {title}", Tone.TITLE)))
            rows += [row for entry in found for row in _entry(*entry, width)]
            rows.append(BLANK)
    return rows or [line(Span(" Nothing of that name.", Tone.MUTED))]


def _entry(key: str, hint: str, name: str, width: int) -> list[Line]:
    room = width - _KEYS - 4
    rows = paragraph(hint, room)
    if name:
        named = (*rows[-1], Span(f"  {name}", Tone.RULE))
        rows[-1:] = [named] if width_of(named) <= room else [rows[-1], (Span(name, Tone.RULE),)]
    first = line(Span(f"   {key:<{_KEYS}}", Tone.KEY), *rows[0])
    return [first, *(line(" " * (_KEYS + 3), *row) for row in rows[1:])]
