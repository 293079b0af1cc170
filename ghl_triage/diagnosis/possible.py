"""Which actions a case stands for now, and why the others not: shown on the row and the case before any key is pressed.

Beside the refusals of a verdict (refusals.py) there is what makes no sense on a case at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from ghl_triage.model import ActionKind, Case, Cause, Stage

Reason = str | None


def possible(case: Case) -> tuple[ActionKind, ...]:
    """The actions whose keys do something on this case, in the order of the catalogue."""
    return tuple(kind for kind in MAKES_NO_SENSE if why_not(kind, case) is None)


def why_not(kind: ActionKind, case: Case) -> Reason:
    """Why this action cannot be done to the case now; None where it can."""
    return case.blocked.get(kind) or makes_no_sense(kind, case)


def makes_no_sense(kind: ActionKind, case: Case) -> Reason:
    """Why it makes no sense on the case, whatever its verdict refuses. Undoing asks the journal, not the case."""
    return MAKES_NO_SENSE[kind](case) if kind in MAKES_NO_SENSE else None


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


MAKES_NO_SENSE: Mapping[ActionKind, Callable[[Case], Reason]] = {
    ActionKind.RETRY: _retry,
    ActionKind.RESEND_LINK: _resend_link,
    ActionKind.FIX_DEFAULT: _fix_default,
    ActionKind.RESUME_SUBSCRIPTION: _resume,
    ActionKind.CANCEL_DUPLICATE: _cancel_duplicate,
}
"""For each action why it makes no sense on a case, whatever the verdict says; None where it does."""

_PLACES = (
    (ActionKind.RETRY, ActionKind.RESUME_SUBSCRIPTION, ActionKind.CANCEL_DUPLICATE),
    (ActionKind.RESEND_LINK,),
    (ActionKind.FIX_DEFAULT,),
)
"""Where in a row's three cells the key of an action stands; resuming and cancelling take the place of the retry, which
is refused where they act."""


def letters(kinds: Collection[ActionKind], keys: Mapping[ActionKind, str]) -> str:
    """The keys that act, each in its place of three, and a dot for each other: `RL·`."""
    return "".join(next((keys[kind] for kind in place if kind in kinds), "·") for place in _PLACES)
