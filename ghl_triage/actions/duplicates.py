"""The step that cancels a duplicate subscription: both are shown, what was paid on each, and which one stays."""

from __future__ import annotations

from ghl_triage.actions.draft import Draft, Order, Skip
from ghl_triage.actions.facts import Subject
from ghl_triage.actions.requests import RequestMaker
from ghl_triage.diagnosis.rivalry import Contender, Rivalry
from ghl_triage.text import amounts, money, plural, when, words


def cancel_duplicate(subject: Subject, order: Order, maker: RequestMaker) -> Draft:  # noqa: ARG001 - as all builders
    """Cancel the subscription that is too much. Its open invoices stay open: Stripe only stops collecting them."""
    rivalry = subject.facts.rivalry
    if rivalry is None or rivalry.own_is_kept:
        raise Skip("no other subscription of its price is open any more")
    request = maker.cancel(rivalry.own.subscription, rivalry.stays.subscription)
    return Draft((request,), notes=tuple(_notes(rivalry)))


def _notes(rivalry: Rivalry) -> list[str]:
    own, stays = rivalry.own, rivalry.stays
    notes = [f"canceled: {_described(own)}", f"stays: {_described(stays)}"]
    if not stays.usable:
        notes.append(f"{stays.subscription} has no usable payment method either: it still needs a card")
    if own.open_invoices:
        notes.append(
            f"{', '.join(own.open_invoices)} stays open and is not collected any more: void it in the Dashboard"
        )
    if own.paid:
        notes.append("nothing is paid back by this: refund it in the Dashboard where that is owed")
    if own.customer == stays.customer and stays.open_invoices:
        # Stripe's reference, "Cancel a subscription": it stops collecting the customer's finalised invoices.
        notes.append(f"Stripe may stop collecting {', '.join(stays.open_invoices)} as well: retry it afterwards")
    return notes


def _described(contender: Contender) -> str:
    paid = amounts(contender.paid, money)
    count = f" in {plural(contender.invoices_paid, 'invoice')}" if contender.paid else ""
    took = f"{paid}{count} paid on it" if paid else "nothing paid on it"
    since = when(contender.created, year=True)
    return f"{contender.subscription} of {contender.customer}, {words(contender.status)}, since {since}: {took}"
