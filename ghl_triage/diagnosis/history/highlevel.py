"""What HighLevel's own lists tell, where Stripe's objects do not tell it already."""

from __future__ import annotations

from ghl_triage.diagnosis.elsewhere import SUCCEEDED
from ghl_triage.diagnosis.history.chapter import Chapter, line
from ghl_triage.model import Lane, TimelineEvent

FAILED = frozenset({"failed", "declined"})


def listed(chapter: Chapter) -> list[TimelineEvent]:
    """The rows of HighLevel's list for this subscription."""
    found: list[TimelineEvent] = []
    for row in chapter.situation.dossier.listed:
        if row.subscription != chapter.situation.sub.id:
            continue
        summary = f"listed in HighLevel, status {row.status or 'not said'}"
        found += line(row.created, Lane.HIGHLEVEL, "listed", summary, row.id or "")
    return found


def transactions(chapter: Chapter) -> list[TimelineEvent]:
    """HighLevel's transactions that no charge, PaymentIntent or invoice here tells of."""
    dossier, found = chapter.situation.dossier, []
    for row in dossier.transactions:
        if (
            row.charge in dossier.charge_by_id
            or row.charge in dossier.invoices
            or row.charge in dossier.charges_by_intent
        ):
            continue
        status = (row.status or "").casefold()
        ok = True if status in SUCCEEDED else (False if status in FAILED else None)
        money = None if row.amount is None else (row.amount, row.currency)
        summary = f"HighLevel transaction, {row.status or 'status not said'}"
        found += line(
            row.created, Lane.HIGHLEVEL, "transaction", summary, row.id or row.charge or "", money=money, ok=ok
        )
    return found
