"""The one table of actions: keys, footer, palette, help and the command line are made from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ghl_triage.model import ActionKind, Case, Cause, Stage

Reason = str | None


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
    refuses: Callable[[Case], Reason]
    one_by_one: bool = False

    @property
    def command(self) -> str:
        """Its name on the command line."""
        return self.kind.value.replace("_", "-")

    def applies(self, case: Case) -> Reason:
        """Why this action cannot be done to the case now; None where it can."""
        return case.blocked.get(self.kind) or self.refuses(case)


def action(kind: ActionKind) -> Action:
    """The action of this kind. Raises KeyError for one that the program only advises."""
    return _BY_KIND[kind]


def offered(*, read_only: bool) -> tuple[Action, ...]:
    """The actions that a run may show: none where nothing may be changed."""
    return () if read_only else ACTIONS


def _retry(case: Case) -> Reason:
    if case.stage in (Stage.LOST, Stage.ENDED):
        return "the subscription is over"
    if case.invoice is None:
        return "there is no invoice to pay"
    if case.stage is Stage.AT_RISK:
        return "nothing is due yet"
    return None if case.stage is Stage.FAILING else "nothing of it is failing"


def _fix_default(case: Case) -> Reason:
    if case.stage in (Stage.LOST, Stage.ENDED):
        return "the subscription is over"
    if case.pending:
        return case.pending
    if len(case.payment_methods) == 0 and case.candidate_payment_method is None:
        return "no card is attached: send a link"
    return None


def _resend_link(case: Case) -> Reason:
    return None if case.link else "no page of Stripe's mends this"


def _resume(case: Case) -> Reason:
    if case.status != "paused":
        return f"the subscription is not paused, it is {case.status}"
    return None if case.effective_payment_method else "there is no payment method: send a link first"


def _cancel_duplicate(case: Case) -> Reason:
    if case.cause is Cause.DUPLICATE_SUBSCRIPTION:
        return None
    return "no other subscription of its price stands in its way"


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
        refuses=_retry,
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
        refuses=_resend_link,
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
        refuses=_fix_default,
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
        refuses=_resume,
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
        refuses=_cancel_duplicate,
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
        refuses=lambda _case: None,
    ),
)
"""In the order of the footer."""

_BY_KIND = {entry.kind: entry for entry in ACTIONS}
