"""Steps that get a page of Stripe's for the customer: pay, change the card, set a card up, or subscribe anew."""

from __future__ import annotations

from ghl_triage.actions.draft import Draft, Order, Skip
from ghl_triage.actions.facts import Facts, Subject
from ghl_triage.actions.requests import RequestMaker, hosted_invoice
from ghl_triage.model import LinkKind, PlannedRequest

FINISH_NOTE = "once the customer has saved a card there, it becomes the default and what is owed is charged"


def resend_link(subject: Subject, order: Order, maker: RequestMaker) -> Draft:
    """The request for the page that diagnosis named. Pages are made when asked for: most live for minutes or a day."""
    case, facts = subject.case, subject.facts
    return_url = order.choices.return_url
    if case.link is LinkKind.HOSTED_INVOICE:
        return Draft((_pay_page(facts),))
    if case.link is LinkKind.PORTAL:
        return Draft((maker.portal(case.customer, return_url),))
    if case.link is LinkKind.SETUP_CHECKOUT:
        request = maker.setup_checkout(case.customer, case.subscription, case.currency, return_url)
        return Draft((request,), notes=(FINISH_NOTE,))
    if case.link is LinkKind.NEW_CHECKOUT:
        _refuse_second_bill(facts)
        request = maker.new_checkout(case.customer, case.subscription, facts.items, return_url)
        return Draft((request,), notes=("no second trial: the first period is charged at once",))
    raise Skip("no page of Stripe's mends this")


def _pay_page(facts: Facts) -> PlannedRequest:
    if facts.invoice is None:
        raise Skip("the invoice was not read yet")
    if not facts.invoice.payable:
        raise Skip("nothing is left to pay on the invoice")
    return hosted_invoice(facts.invoice.id)


def _refuse_second_bill(facts: Facts) -> None:
    """A new checkout is refused while the customer could be billed twice; design.md section 5."""
    if not facts.items:
        raise Skip("the price of the old subscription was not read")
    for other in (*facts.others, *facts.elsewhere):
        if other.prices & facts.prices:
            raise Skip(f"{other.id} ({other.status}) bills the same price: a new checkout would bill twice")
    for invoice in (facts.invoice, facts.reviving):
        if invoice is not None and invoice.status == "open" and invoice.remaining > 0:
            raise Skip(f"{invoice.id} can still be paid: a new checkout would bill twice")
