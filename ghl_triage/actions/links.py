"""Steps that get a page of Stripe's for the customer: pay, change the card, set a card up, or subscribe anew."""

from __future__ import annotations

from ghl_triage.actions.draft import Draft, Order, Skip
from ghl_triage.actions.facts import Facts, Subject, payable
from ghl_triage.actions.requests import RequestMaker, hosted_invoice
from ghl_triage.model import LinkKind, PlannedRequest

FINISH_NOTE = "once the customer has saved a card there, it becomes the default and what is owed is charged"


def resend_link(subject: Subject, order: Order, maker: RequestMaker) -> Draft:
    """The request for the page that diagnosis named. Pages are made when asked for: most live for minutes or a day."""
    case, facts = subject.case, subject.facts
    if facts.customer_deleted and case.link is not LinkKind.HOSTED_INVOICE:
        raise Skip(f"{case.customer} was deleted in Stripe: it can have no page any more")
    return_url = order.choices.return_url
    if case.link is LinkKind.HOSTED_INVOICE:
        return Draft((_pay_page(facts),))
    if case.link is LinkKind.PORTAL:
        return Draft((maker.portal(case.customer, return_url),))
    if case.link is LinkKind.SETUP_CHECKOUT:
        request = maker.setup_checkout(case.customer, case.subscription, case.currency, return_url)
        return Draft((request,), notes=(FINISH_NOTE,))
    if case.link is LinkKind.NEW_CHECKOUT:
        request = maker.new_checkout(case.customer, case.subscription, _line_items(facts), return_url)
        return Draft((request,), notes=("no second trial: the first period is charged at once",))
    raise Skip("no page of Stripe's mends this")


def _pay_page(facts: Facts) -> PlannedRequest:
    if facts.invoice is None:
        raise Skip("the invoice was not read yet")
    if not payable(facts.invoice):
        raise Skip("nothing is left to pay on the invoice")
    return hosted_invoice(facts.invoice.id)


def _line_items(facts: Facts) -> list[tuple[str, int]]:
    """The old subscription's prices; refused while the customer could be billed twice (design.md section 5)."""
    subscription = facts.subscription
    items = [(item.price, item.quantity) for item in subscription.items if item.price] if subscription else []
    if subscription is None or not items:
        raise Skip("the price of the old subscription was not read")
    for other in (*facts.others, *facts.elsewhere):
        if other.prices & subscription.prices:
            raise Skip(f"{other.id} ({other.status}) bills the same price: a new checkout would bill twice")
    for invoice in (facts.invoice, facts.reviving):
        if invoice is not None and invoice.is_open:
            raise Skip(f"{invoice.id} can still be paid: a new checkout would bill twice")
    return items
