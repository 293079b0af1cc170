"""The one table of actions: keys, footer, palette, help and the command line are made from it."""

from __future__ import annotations

from dataclasses import dataclass

from ghl_triage.diagnosis.possible import Reason, makes_no_sense, why_not
from ghl_triage.model import ActionKind, Case


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done to a case.

    `key` is a capital: capitals act outside. `danger` asks for more than a plain yes where it is live; `right` is what
    the restricted key needs, in Stripe's words. `one_by_one`: it can't be taken back, so a plan holds one case and
    wants a word typed.
    """

    kind: ActionKind
    key: str
    label: str
    verb: str
    help: str
    danger: bool
    moves_money: bool
    right: str
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


def offered(*, read_only: bool) -> tuple[Action, ...]:
    """The actions that a run may show: none where nothing may be changed."""
    return () if read_only else ACTIONS


ACTIONS = (
    Action(
        ActionKind.RETRY,
        "R",
        "retry",
        "Charge",
        "Charge the invoice that counts with the payment method that Stripe would use.",
        danger=True,
        moves_money=True,
        right="Invoices: Write",
    ),
    Action(
        ActionKind.RESEND_LINK,
        "L",
        "link",
        "Make the link for",
        "Get the page that mends the case: pay the invoice, change the card, set a card up, or subscribe anew.",
        danger=False,
        moves_money=False,
        right="Customer portal: Write, Checkout Sessions: Write",
    ),
    Action(
        ActionKind.FIX_DEFAULT,
        "D",
        "default card",
        "Set the default card of",
        "Make the customer's usable card the one that Stripe charges.",
        danger=True,
        moves_money=False,
        right="Customers: Write, Subscriptions: Write",
    ),
    Action(
        ActionKind.RESUME_SUBSCRIPTION,
        "P",
        "resume",
        "Resume",
        "End the pause of a subscription whose trial ended without a card; Stripe then charges the first period.",
        danger=True,
        moves_money=True,
        right="Subscriptions: Write",
    ),
    Action(
        ActionKind.CANCEL_DUPLICATE,
        "X",
        "cancel duplicate",
        "Cancel",
        "Cancel a subscription that another of its price makes superfluous; each one has a yes of its own.",
        danger=True,
        moves_money=False,
        right="Subscriptions: Write",
        one_by_one=True,
    ),
    Action(
        ActionKind.UNDO,
        "U",
        "undo",
        "Take back the default card of",
        "Put back the default that stood there before ours, unless somebody changed it since.",
        danger=True,
        moves_money=False,
        right="Customers: Write, Subscriptions: Write",
    ),
)
"""In the order of the footer."""

_BY_KIND = {entry.kind: entry for entry in ACTIONS}
