"""What a plan of one case leaves to the consultant: the choices that would change it, and only those. Pure."""

from __future__ import annotations

from ghl_triage.actions.catalogue import action as action_of
from ghl_triage.actions.draft import Order
from ghl_triage.actions.facts import Subject, payable
from ghl_triage.actions.plan import Offers
from ghl_triage.model import ActionKind, CardView, Finding, PlanStep

PAID_ELSEWHERE = "paid elsewhere"
"""How diagnosis words the one refusal that can be waived case by case."""


def offers(step: PlanStep, subject: Subject, order: Order) -> Offers:
    """The choices for this step. A batch has none, and neither has a case that no choice would help."""
    case, facts = subject.case, subject.facts
    if order.batch or facts.in_flight is not None or action_of(order.kind).refuses(case):
        return Offers()
    card = _card_in_hand(subject, order)
    cards = facts.choosable if any(one.id != card for one in facts.choosable) else ()
    if order.kind is not ActionKind.RETRY:
        return Offers(cards, card)
    waived = case.subscription in order.choices.waived
    elsewhere = Finding.PAID_ELSEWHERE in case.findings and (waived or PAID_ELSEWHERE in (step.skipped or ""))
    return Offers(
        cards,
        card,
        reviving=_reviving(step, subject, order),
        also_reviving=order.choices.also_reviving,
        paid_elsewhere=elsewhere,
        waived=waived,
    )


def choosable(cards: tuple[CardView, ...], refused: dict[str, str | None]) -> tuple[CardView, ...]:
    """The cards that may be charged, given for each one that comes in question why it must not be.

    Paid elsewhere is no matter of the card: it is decided apart from it.
    """
    return tuple(
        card for card in cards if card.id in refused and (not (why := refused[card.id]) or PAID_ELSEWHERE in why)
    )


def _card_in_hand(subject: Subject, order: Order) -> str | None:
    """The card that the plan would use as it stands."""
    case = subject.case
    if order.kind is ActionKind.RETRY:
        return subject.card
    return order.choices.payment_method or case.candidate_payment_method or case.effective_payment_method


def _reviving(step: PlanStep, subject: Subject, order: Order) -> str | None:
    """The newest invoice, where another one is paid and both can be."""
    invoice, newest = subject.facts.invoice, subject.facts.reviving
    if invoice is None or newest is None or newest.id == invoice.id or not payable(newest):
        return None
    return newest.id if step.skipped is None or order.choices.also_reviving else None
