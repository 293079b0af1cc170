"""What HighLevel's side shows of a case: domain/highlevel.md 9.2."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from ghl_triage.diagnosis.facts import ListedSubscription
from ghl_triage.diagnosis.situation import Situation
from ghl_triage.model import Evidence, Finding

Proof: TypeAlias = bool | Evidence | tuple[Evidence, ...] | None
"""What a test of a finding says: nothing or False where it does not hold, else evidence, or True where it has none."""
OVER = frozenset({"canceled", "incomplete_expired"})


def tests(situation: Situation) -> Mapping[Finding, Callable[[], Proof]]:
    """The findings that come from HighLevel, each with what decides it, in the order of the model."""
    return {
        Finding.NOT_IN_HIGHLEVEL: lambda: _not_listed(situation),
        Finding.HIGHLEVEL_OTHER_CUSTOMER: lambda: _listed_for_another(situation),
        Finding.HIGHLEVEL_STALE_SUBSCRIPTION: lambda: _listed_stale(situation),
        Finding.CONTACT_AMBIGUOUS: lambda: len(situation.dossier.contacts) > 1,
    }


def _not_listed(situation: Situation) -> bool:
    if situation.sub.status in OVER or not situation.dossier.coverage.highlevel_subscriptions_read:
        return False
    return all(row.subscription != situation.sub.id for row in situation.dossier.listed)


def _row_is_about(situation: Situation, row: ListedSubscription) -> bool:
    customer = situation.dossier.customer
    if row.subscription == situation.sub.id or row.customer == customer.id:
        return True
    return bool(row.email) and row.email == customer.email.casefold()


def _listed_for_another(situation: Situation) -> bool:
    """HighLevel's row, or its mapping, points to another Stripe customer than this subscription's."""
    own = situation.dossier.customer.id
    theirs = {other.customer.id for other in situation.dossier.namesakes}
    moved = {sub.id for other in situation.dossier.namesakes for sub in other.subscriptions}
    for row in situation.dossier.listed:
        if not _row_is_about(situation, row):
            continue
        if row.customer not in (None, own) and (row.subscription == situation.sub.id or row.customer in theirs):
            return True
        if situation.sub.status not in OVER and row.subscription in moved:
            return True
    return False


def _listed_stale(situation: Situation) -> bool:
    """HighLevel holds on to a subscription of this customer that is over, and knows nothing of this one."""
    if situation.sub.status in OVER:
        return False
    over = {sub.id for sub in situation.dossier.subscriptions if sub.status in OVER}
    listed = {row.subscription for row in situation.dossier.listed}
    return situation.sub.id not in listed and bool(over & listed)
