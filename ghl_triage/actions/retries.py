"""Steps that charge: pay an open invoice, or resume a subscription that waits for its first payment."""

from __future__ import annotations

from ghl_triage.actions.draft import Draft, Order, Skip, stripe_is_near
from ghl_triage.actions.facts import Facts, Subject, payable
from ghl_triage.actions.requests import RequestMaker
from ghl_triage.diagnosis.facts import Invoice
from ghl_triage.diagnosis.refusals import until
from ghl_triage.model import Case, Cause

_HOUR = 3_600
_NO_ACCESS = "money, not access: the subscription becomes active only when"
_REFUSE_RESUME = {
    Cause.DISPUTED: "a dispute is open: charging now can be lost twice",
    Cause.DUPLICATE_SUBSCRIPTION: "another subscription of the same price is open: this would bill twice",
}
_STATUS_REASONS = {
    "paid": "the invoice is paid",
    "void": "the invoice is void",
    "draft": "the invoice is a draft: it must be finalised first",
}


def retry(subject: Subject, order: Order, maker: RequestMaker) -> Draft:
    """Charge the invoice that counts; with `also_reviving`, the one that gives access back, too."""
    case, facts = subject.case, subject.facts
    if facts.invoice is None:
        raise Skip("the invoice was not read yet")
    invoice = facts.invoice
    _refuse_invoice(invoice, order)
    _refuse_pace(invoice.id, facts, order)
    card = _card_to_charge(case, facts)
    requests = [maker.pay(invoice.id, card, usual=_usual(invoice, facts))]
    amount, notes = invoice.amount_remaining, _invoice_notes(invoice)
    reviving = facts.reviving
    if reviving is not None and reviving.id != invoice.id and reviving.status == "draft":
        notes.append(f"{_NO_ACCESS} {reviving.id}, a draft, is paid too")
    elif reviving is not None and reviving.id != invoice.id and payable(reviving):
        if order.choices.also_reviving:
            _refuse_invoice(reviving, order)
            _refuse_pace(reviving.id, facts, order)
            if card is None and _usual(reviving, facts) != case.effective_payment_method:
                raise Skip(f"{reviving.id} would be paid with another card: choose the card for both, or leave it out")
            requests.append(maker.pay(reviving.id, card, usual=_usual(reviving, facts)))
            amount += reviving.amount_remaining
        else:
            notes.append(f"{_NO_ACCESS} {reviving.id} is paid too")
    return Draft(tuple(requests), amount, invoice.currency, tuple(notes))


def _card_to_charge(case: Case, facts: Facts) -> str | None:
    """The card that the payment must name; None where Stripe's own choice is the right one."""
    if facts.named_card is not None:
        if facts.named_card not in {card.id for card in case.payment_methods if card.attached}:
            raise Skip(f"{facts.named_card} is not attached to this customer")
        return facts.named_card
    if case.effective_payment_method is None:
        raise Skip("no effective payment method: fix_default first")
    return None


def _usual(invoice: Invoice, facts: Facts) -> str | None:
    """The card that Stripe charges for this invoice where the payment names none."""
    return invoice.default_payment_method or invoice.default_source or facts.lower_default


def resume_subscription(subject: Subject, order: Order, maker: RequestMaker) -> Draft:
    """End the pause; Stripe makes an invoice for the period that begins, and charges it."""
    case = subject.case
    if case.cause in _REFUSE_RESUME:
        raise Skip(_REFUSE_RESUME[case.cause])
    notes = ["the amount is the price, before tax and coupons"]
    if case.cause is Cause.COLLECTION_PAUSED:
        if order.batch:
            raise Skip("it was paused on purpose: a batch leaves it paused")
        notes.append("it was paused on purpose")
    return Draft((maker.resume(case.subscription),), case.amount_at_risk, case.currency, tuple(notes))


def _refuse_invoice(invoice: Invoice, order: Order) -> None:
    if invoice.status in _STATUS_REASONS:
        raise Skip(_STATUS_REASONS[invoice.status])
    if not payable(invoice):
        raise Skip("nothing is left to pay on the invoice")
    if invoice.status == "uncollectible" and order.batch:
        raise Skip("the invoice is written off as uncollectible: a batch does not charge it")
    if invoice.collection_method == "send_invoice" and order.batch:
        raise Skip("the invoice is sent, not charged: a batch does not charge it")
    next_attempt = invoice.next_payment_attempt
    if next_attempt is not None and stripe_is_near(next_attempt, order.now):
        minutes = (next_attempt - order.now) // 60
        raise Skip(f"Stripe itself tries again {f'in {minutes} min' if minutes > 0 else 'now'}")


def _refuse_pace(invoice: str, facts: Facts, order: Order) -> None:
    """Rule 4, as far as our own journal decides it: it may know of attempts that no sync has seen."""
    ours = [attempt.at for attempt in facts.own_attempts if attempt.invoice == invoice]
    if len(ours) >= order.caps.retries_per_invoice:
        many = f"{len(ours)} retries of ours were made for this invoice"
        raise Skip(f"{many}: that is the limit, as long as it is open")
    again = max(ours, default=-(10**12)) + order.caps.hours_between_retries * _HOUR
    if again > order.now:
        apart = order.caps.hours_between_retries
        raise Skip(f"our last retry is less than {apart} hours ago: wait {until(again)}")


def _invoice_notes(invoice: Invoice) -> list[str]:
    if invoice.status == "uncollectible":
        return ["the invoice is written off as uncollectible; it can still be paid"]
    if invoice.collection_method == "send_invoice":
        return ["this invoice is sent to the customer and not charged by itself"]
    return []
