"""The one table of actions: what each is called, which key it has, and what a plan of it means."""

from __future__ import annotations

from dataclasses import dataclass

from ghl_triage.diagnosis.possible import Reason, makes_no_sense, why_not
from ghl_triage.model import ActionKind, Case


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done to a case.

    `key` is a capital: capitals act outside. `one_by_one`: it can't be taken back, so a plan holds one case and wants a
    word typed.
    """

    kind: ActionKind
    key: str
    label: str
    verb: str
    moves_money: bool
    one_by_one: bool = False

    @property
    def command(self) -> str:
        """Its name on the command line."""
        return self.kind.value.replace("_", "-")

    def applies(self, case: Case) -> Reason:
        """Why this action cannot be done to the case now; None where it can."""
        return why_not(self.kind, case)

    def refuses(self, case: Case) -> Reason:
        """Why it makes no sense on the case, whatever its verdict refuses."""
        return makes_no_sense(self.kind, case)


def action(kind: ActionKind) -> Action:
    """The action of this kind. Raises KeyError for one that the program only advises."""
    return _BY_KIND[kind]


ACTIONS = (
    Action(ActionKind.RETRY, "R", "retry", "Charge", moves_money=True),
    Action(ActionKind.RESEND_LINK, "L", "link", "Make the link for", moves_money=False),
    Action(ActionKind.FIX_DEFAULT, "D", "default card", "Set the default card of", moves_money=False),
    Action(ActionKind.RESUME_SUBSCRIPTION, "P", "resume", "Resume", moves_money=True),
    Action(ActionKind.CANCEL_DUPLICATE, "X", "cancel duplicate", "Cancel", moves_money=False, one_by_one=True),
    Action(ActionKind.UNDO, "U", "undo", "Take back the default card of", moves_money=False),
)
"""In the order of the footer."""

_BY_KIND = {entry.kind: entry for entry in ACTIONS}
