"""Steps that make the right card the default, on the level that Stripe will use."""

from __future__ import annotations

from datetime import UTC, datetime

from ghl_triage.actions.draft import Draft, Order, Skip
from ghl_triage.actions.facts import Facts, Subject, own_method
from ghl_triage.actions.requests import RequestMaker, named
from ghl_triage.diagnosis.facts import Subscription
from ghl_triage.model import CardView, Cause, Finding, PlannedRequest


def fix_default(subject: Subject, order: Order, maker: RequestMaker) -> Draft:
    """Set the subscription's level where it has one, else the customer's; both where the subscription's shadows.

    Stripe refuses to change the methods of an incomplete subscription, so there only the customer's is set.
    """
    case, facts = subject.case, subject.facts
    card = _chosen(subject, order)
    requests: list[PlannedRequest] = []
    own = facts.own_default
    changeable = case.status != "incomplete"
    if own and changeable and own != card:
        requests.append(maker.subscription_default(case.subscription, card))
    reaches_customer = not own or not changeable or case.cause is Cause.DEFAULT_SHADOWED
    notes: list[str] = []
    if reaches_customer and facts.customer_default != card:
        notes += _others_reached(facts, order)
        requests.append(maker.customer_default(case.customer, card))
    notes += _shadow_notes(subject, card, incomplete=bool(own) and not changeable)
    if not requests:
        raise Skip(f"{named(card, case.payment_methods)} is the default already", *notes)
    return Draft(tuple(requests), notes=tuple(notes))


def _chosen(subject: Subject, order: Order) -> str:
    case = subject.case
    card = order.choices.payment_method or case.candidate_payment_method
    if card is None:
        if Finding.SEVERAL_CARDS in case.findings or len(case.payment_methods) > 1:
            raise Skip("several cards could be meant and none is proven: choose one")
        if not subject.facts.cards_read:
            raise Skip("the customer's cards were not read yet: plan this case alone, or sync first")
        raise Skip("no usable card is attached: send a link")
    view = next((view for view in case.payment_methods if view.id == card), None)
    if order.choices.payment_method and (view is None or not view.attached):
        raise Skip(f"{card} is not attached to this customer")
    if view is not None and expired(view, order.now):
        raise Skip(f"{named(card, case.payment_methods)} is expired")
    return card


def expired(card: CardView, now: int) -> bool:
    """Whether a card's last month is over."""
    if card.exp_year is None or card.exp_month is None:
        return False
    today = datetime.fromtimestamp(now, UTC)
    return (card.exp_year, card.exp_month) < (today.year, today.month)


def reached(facts: Facts) -> tuple[Subscription, ...]:
    """The other open subscriptions whose effective method changes with the customer's default."""
    return tuple(
        other for other in facts.others if other.collection_method != "send_invoice" and own_method(other) is None
    )


def _others_reached(facts: Facts, order: Order) -> list[str]:
    others = reached(facts)
    if others and order.batch:
        named = ", ".join(other.id for other in others)
        raise Skip(f"the customer's default also decides what {named} is charged with")
    return [f"also changes what {other.id} ({other.status}) is charged with" for other in others]


def _shadow_notes(subject: Subject, card: str, *, incomplete: bool) -> list[str]:
    notes, cards = [], subject.case.payment_methods
    if incomplete:
        notes.append("Stripe allows no change of an incomplete subscription: the customer's default is set")
    invoice = subject.facts.invoice
    own = invoice.default_payment_method or invoice.default_source if invoice else None
    if invoice is not None and own and own != card:
        notes.append(f"{invoice.id} names {named(own, cards)} itself: the retry will name {named(card, cards)}")
    return notes
