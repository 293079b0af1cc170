"""What a case says in words: why, who, and what next. Never for customers: it names codes that they must not read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ghl_triage.diagnosis import declines, labels, reasons
from ghl_triage.model import ActionKind, Actor, CardView, Case, Cause, Finding, LinkKind, Stage
from ghl_triage.text import card_label

Money = Callable[[int, str], str]
KEYS: Mapping[ActionKind, str] = {
    ActionKind.RETRY: "R",
    ActionKind.RESEND_LINK: "L",
    ActionKind.FIX_DEFAULT: "D",
    ActionKind.RESUME_SUBSCRIPTION: "P",
    ActionKind.CANCEL_DUPLICATE: "X",
}
"""The keys of the screen, as design.md section 8 names them; a keymap may change them."""

NO_VERDICT: Mapping[Stage, str] = {
    Stage.HEALTHY: "Nothing is wrong.",
    Stage.RECOVERED: "A charge failed in the last 60 days, and the invoice was paid since.",
    Stage.ENDED: "It ended, or will end, without a charge that failed.",
}
REPLACED = "It was lost, and the customer has an open subscription of the same price instead."
WITH_CODE = frozenset(
    {
        Cause.HARD_DECLINE,
        Cause.SOFT_DECLINE,
        Cause.GENERIC_DECLINE,
        Cause.CARD_DATA_WRONG,
        Cause.CHECK_FIRST,
        Cause.BLOCKED_BY_STRIPE,
        Cause.UNKNOWN,
    }
)
"""Causes that the code says more about."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """The detail pane's sentence in its parts: why it fails, who must act, and the next step with its key."""

    why: str
    who: str
    next_step: str


def sentence(case: Case, *, money: Money, keys: Mapping[ActionKind, str] = KEYS) -> Sentence:
    """Why this case fails, who must act, and what comes next; `money` formats minor units of a currency.

    `keys` are those that the next step names.
    """
    if case.cause is None:
        return Sentence(_no_cause(case), labels.ACTOR_LABELS[case.actor], "")
    return Sentence(_why(case, case.cause), _who(case), _next_step(case, case.cause, money, keys))


def _no_cause(case: Case) -> str:
    if case.pending:
        return f"The verdict is still to come: {case.pending}."
    if Finding.REPLACED in case.findings:
        return REPLACED
    return NO_VERDICT.get(case.stage, "No verdict yet.")


def _why(case: Case, cause: Cause) -> str:
    if case.stage is Stage.AT_RISK:
        return reasons.AT_RISK_WHY.get(cause, reasons.WHY[cause])
    if cause in WITH_CODE and case.decline_code:
        return f"{reasons.WHY[cause]} Code {case.decline_code}: {declines.meaning(case.decline_code)}."
    return reasons.WHY[cause]


def _who(case: Case) -> str:
    if case.cause is Cause.NO_OFF_SESSION_SETUP:
        return f"{labels.ACTOR_LABELS[case.actor]}; for good, the developer"
    return labels.ACTOR_LABELS[case.actor]


def _next_step(case: Case, cause: Cause, money: Money, keys: Mapping[ActionKind, str]) -> str:
    if Finding.CANCEL_SCHEDULED in case.findings and case.stage is Stage.FAILING:
        return f"It is set to be canceled: ask before anything else. {reasons.MENDS[cause]}"
    if case.actor is Actor.NOBODY:
        return reasons.MENDS[cause]
    steps = [step for action in case.recommended if (step := _step(case, action, money, keys.get(action, "")))]
    if not steps:
        return reasons.MENDS[cause]
    told = ", then ".join(steps) if ActionKind.FIX_DEFAULT in case.recommended[:1] else "; or ".join(steps)
    return f"{told}.{_refused(case, keys)}"


def _step(case: Case, action: ActionKind, money: Money, key: str) -> str:
    if action is ActionKind.RETRY:
        return f"{key} retries {money(case.amount_at_risk, case.currency)}"
    if action is ActionKind.RESEND_LINK and case.link is not None:
        return f"{key} gives {labels.LINK_LABELS[case.link]}{_after(case.link)}"
    if action is ActionKind.FIX_DEFAULT:
        return f"{key} makes {_candidate(case)} the default"
    if action is ActionKind.RESUME_SUBSCRIPTION:
        return f"{key} resumes the subscription"
    if action is ActionKind.CANCEL_DUPLICATE:
        return f"{key} compares it with the subscription that stays, and cancels it"
    return ""


def _after(link: LinkKind) -> str:
    return ", and the default is set once it is done" if link is LinkKind.SETUP_CHECKOUT else ""


def _candidate(case: Case) -> str:
    card = next((one for one in case.payment_methods if one.id == case.candidate_payment_method), None)
    if card is None:
        return "the card that you choose"
    return described(card)


def described(card: CardView) -> str:
    """A card with its expiry, and whether it was set up off-session."""
    label = card_label(card)
    if not card.off_session_proof:
        return label
    return f"{label[:-1]}, set up off-session)" if label.endswith(")") else f"{label} (set up off-session)"


def _refused(case: Case, keys: Mapping[ActionKind, str]) -> str:
    """Why the first step can't be done now, where it can't."""
    first = case.recommended[0]
    reason = case.blocked.get(first)
    return f" {keys.get(first, '')} is refused now: {reason}." if reason else ""
