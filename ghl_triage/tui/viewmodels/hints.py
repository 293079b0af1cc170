"""Which keys the key bar shows, made from the catalogue of actions and the table of keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ghl_triage.model import ActionKind
from ghl_triage.tui.keys import all_keys, display, letter
from ghl_triage.tui.viewmodels.key_bar import Hint
from ghl_triage.tui.views import ActionView

_ACT_RANKS = {ActionKind.RETRY: 14, ActionKind.RESEND_LINK: 13, ActionKind.FIX_DEFAULT: 12}
_TRIAGE = (("table.select", 11), ("triage.filter", 15), ("table.open", 11), ("app.help", 16))
_CASE = (
    ("case.next", 12),
    ("case.previous", 12),
    ("case.note", 6),
    ("case.raw", 5),
    ("case.back", 13),
    ("app.help", 16),
)
_REPORT = (("report.next", 12), ("report.write", 13), ("report.again", 9), ("report.back", 14), ("app.help", 16))


def triage_hints(
    actions: Sequence[ActionView], refused: Mapping[ActionKind, str], keymap: Mapping[str, str]
) -> list[Hint]:
    """The main screen's keys."""
    return _acts(actions, refused, keymap) + _others(_TRIAGE, keymap)


def case_hints(
    actions: Sequence[ActionView], refused: Mapping[ActionKind, str], keymap: Mapping[str, str]
) -> list[Hint]:
    """The case screen's keys."""
    return _acts(actions, refused, keymap) + _others(_CASE, keymap)


def report_hints(keymap: Mapping[str, str]) -> list[Hint]:
    """The keys of a report."""
    return _others(_REPORT, keymap)


def _acts(actions: Sequence[ActionView], refused: Mapping[ActionKind, str], keymap: Mapping[str, str]) -> list[Hint]:
    """The capitals; one that has no place in most cases is shown only where it can act. Whether there is something to
    undo is the journal's to say: its key stands in the help, and its plan says what it finds."""
    return [
        Hint(
            display(keymap.get(f"act.{action.kind}", action.key)),
            action.label,
            f"screen.act('{action.kind}')",
            _ACT_RANKS.get(action.kind, 10),
            dim=action.kind in refused,
        )
        for action in actions
        if action.kind in _ACT_RANKS or action.kind not in (*refused, ActionKind.UNDO)
    ]


def _others(names: Sequence[tuple[str, int]], keymap: Mapping[str, str]) -> list[Hint]:
    labels = {key.id: key.label for key in all_keys()}
    return [Hint(letter(name, keymap), labels[name], "", rank) for name, rank in names]
