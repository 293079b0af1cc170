"""Was the same amount already paid by another way? design.md section 5, `paid_elsewhere`."""

from __future__ import annotations

from ghl_triage.diagnosis.facts import Charge, Invoice
from ghl_triage.diagnosis.facts_highlevel import ListedTransaction
from ghl_triage.diagnosis.situation import Situation
from ghl_triage.model import Evidence

SUCCEEDED = frozenset({"succeeded", "paid", "success", "completed"})
"""HighLevel's words for a transaction that was paid; domain/highlevel.md 3.3 (an open list)."""


def paid_elsewhere(situation: Situation) -> Evidence | None:
    """A succeeded payment of the amount since finalisation, for no invoice of this subscription: by this customer, his
    e-mail or his card. One that was given back only in part was paid all the same: somebody should look at it."""
    invoice = situation.invoice
    if invoice is None or not invoice.is_open:
        return None
    return _charge(situation, invoice) or _transaction(situation, invoice)


def _charge(situation: Situation, invoice: Invoice) -> Evidence | None:
    own = {charge.id for charge in situation.own_charges}
    for dossier in (situation.dossier, *situation.dossier.namesakes):
        for charge in dossier.charges:
            if charge.id not in own and _pays(charge, invoice, situation.finalized_at):
                return Evidence(charge.id, "status", "succeeded", charge.created)
    for charge in situation.dossier.card_charges:
        if charge.id not in own and _pays(charge, invoice, situation.finalized_at):
            return Evidence(charge.id, "status", "succeeded, with the same card", charge.created)
    return None


def _pays(charge: Charge, invoice: Invoice, since: int) -> bool:
    return (
        charge.status == "succeeded"
        and charge.refunded < charge.amount
        and charge.created >= since
        and charge.amount == invoice.amount_remaining
        and charge.currency == invoice.currency
    )


def _transaction(situation: Situation, invoice: Invoice) -> Evidence | None:
    known = _stripe_ids(situation)
    for row in situation.dossier.transactions:
        if row.charge in known or row.subscription == situation.sub.id or not _is_his(situation, row):
            continue
        if row.livemode is not None and row.livemode != situation.sub.livemode:
            continue
        same = row.amount == invoice.amount_remaining and row.currency == invoice.currency
        after = row.created is not None and row.created >= situation.finalized_at
        kept = row.refunded < invoice.amount_remaining
        if same and after and kept and (row.status or "").casefold() in SUCCEEDED:
            return Evidence(row.charge or row.id or "", "HighLevel transaction", row.status or "", row.created)
    return None


def _stripe_ids(situation: Situation) -> set[str]:
    """The ids by which HighLevel may name a payment of this subscription's own invoices."""
    own = {charge.id for charge in situation.own_charges}
    for invoice in situation.invoices:
        own.add(invoice.id)
        own.update(one.payment_intent for one in situation.dossier.payments_of(invoice.id) if one.payment_intent)
    return own


def _is_his(situation: Situation, row: ListedTransaction) -> bool:
    customer = situation.dossier.customer
    if row.customer == customer.id or row.contact in situation.dossier.contacts:
        return True
    return bool(row.email) and row.email == customer.email.casefold()
