"""What HighLevel's side shows of a case: domain/highlevel.md 9.2, H1, H2, H5, and its contacts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from ghl_triage.diagnosis.facts_highlevel import ListedSubscription, ListedTransaction
from ghl_triage.diagnosis.locations import OVER, is_over, locations_about, owner, subscription_status
from ghl_triage.diagnosis.situation import Situation
from ghl_triage.model import Evidence, Finding

Proof: TypeAlias = bool | Evidence | tuple[Evidence, ...] | None
"""What a test of a finding says: nothing or False where it does not hold, else evidence, or True where it has none."""
_Paid: TypeAlias = ListedSubscription | ListedTransaction
CUSTOMER = "HighLevel location: customerId"
SUBSCRIPTION = "HighLevel location: subscriptionId"
LISTED_CUSTOMER = "HighLevel subscription: customerId"
ACCOUNT = "HighLevel connectedAccount.accountId"
COMPANY_ACCOUNT = "HighLevel company stripeConnectId"
MODE = "HighLevel liveMode"
CONTACT = "HighLevel contact: email"


def tests(situation: Situation) -> Mapping[Finding, Callable[[], Proof]]:
    """The findings that come from HighLevel, each with what decides it, in the order of the model."""
    return {
        Finding.NOT_IN_HIGHLEVEL: lambda: _not_listed(situation),
        Finding.HIGHLEVEL_OTHER_CUSTOMER: lambda: _other_customer(situation),
        Finding.HIGHLEVEL_STALE_SUBSCRIPTION: lambda: _stale_subscription(situation),
        Finding.HIGHLEVEL_ACCOUNT_MISMATCH: lambda: _other_account(situation),
        Finding.CONTACT_MISSING: lambda: _no_contact(situation),
        Finding.CONTACT_AMBIGUOUS: lambda: _several_contacts(situation),
    }


def _open(situation: Situation) -> bool:
    return situation.sub.status not in OVER


def _not_listed(situation: Situation) -> bool:
    if not _open(situation) or not situation.dossier.coverage.highlevel_subscriptions_read:
        return False
    return all(row.subscription != situation.sub.id for row in situation.dossier.listed)


# H1: another customer ------------------------------------------------------------------------------------------------


def _other_customer(situation: Situation) -> tuple[Evidence, ...]:
    """HighLevel's mapping, or its row, points to another Stripe customer than this subscription's.

    A location that is his by its e-mail alone counts while none is mapped to this subscription or this customer.
    """
    own = situation.dossier.customer.id
    mapped = [(row, owner(situation, row)) for row in locations_about(situation)]
    named = [(row, to) for row, to in mapped if row.subscription == situation.sub.id]
    if not named and _open(situation) and all(to != own for _, to in mapped):
        named = mapped
    wrong = [Evidence(row.location, CUSTOMER, to) for row, to in named if to not in (None, own)]
    wrong += _listed_for_another(situation)
    return (*wrong, Evidence(situation.sub.id, "customer", own)) if wrong else ()


def _listed_for_another(situation: Situation) -> list[Evidence]:
    """Rows of the Payments list that name a customer; most name none."""
    own, listed = situation.dossier.customer.id, situation.dossier.listed
    theirs = {other.customer.id for other in situation.dossier.namesakes}
    here = any(row.subscription == situation.sub.id for row in listed)
    return [
        Evidence(row.id or row.subscription or "", LISTED_CUSTOMER, row.customer)
        for row in listed
        if row.customer not in (None, own)
        and (
            row.subscription == situation.sub.id
            or (not here and _open(situation) and row.customer in theirs and _same_email(situation, row))
        )
    ]


def _same_email(situation: Situation, row: ListedSubscription) -> bool:
    return bool(row.email) and row.email == situation.dossier.customer.email.strip().casefold()


# H2: an old subscription, or none ------------------------------------------------------------------------------------


def _stale_subscription(situation: Situation) -> tuple[Evidence, ...]:
    """His location is mapped to a subscription that is over, or to none, and to this open one none is."""
    about = locations_about(situation)
    if not _open(situation) or any(row.subscription == situation.sub.id for row in about):
        return ()
    stale = []
    for row in about:
        status = subscription_status(situation, row)
        if row.subscription is None:
            stale.append(Evidence(row.location, SUBSCRIPTION, f"none{f' ({row.status})' if row.status else ''}"))
        elif is_over(status):
            stale.append(Evidence(row.location, SUBSCRIPTION, f"{row.subscription} ({status})"))
    return (*stale, Evidence(situation.sub.id, "status", situation.sub.status)) if stale else ()


# H5: another account or mode -----------------------------------------------------------------------------------------


def _other_account(situation: Situation) -> tuple[Evidence, ...]:
    """HighLevel charges this customer in another Stripe account, or in the other mode.

    A row that is his by its e-mail alone counts where HighLevel has none of his in this account and mode.
    """
    if not _open(situation):
        return ()
    listed = [row for row in situation.dossier.listed if row.through_stripe]
    rows: list[_Paid] = [*listed, *situation.dossier.transactions]
    own = [row for row in rows if _names(situation, row)]
    proofs = [_elsewhere(situation, row) for row in own]
    if not own:
        proofs = [_elsewhere(situation, row) for row in listed if _same_email(situation, row)]
        proofs = proofs if all(proofs) else []
    found = [proof for proof in proofs if proof]
    found += _mapped_elsewhere(situation)
    if not found:
        return ()
    ours = situation.dossier.coverage.account or ""
    mode = "live" if situation.sub.livemode else "test"
    return (*found, Evidence(situation.sub.id, "Stripe account and mode", f"{ours} {mode}".strip()))


def _names(situation: Situation, row: _Paid) -> bool:
    return row.subscription == situation.sub.id or row.customer == situation.dossier.customer.id


def _elsewhere(situation: Situation, row: _Paid) -> Evidence | None:
    """What shows that a row is of another account or mode."""
    coverage = situation.dossier.coverage
    account = row.account or (coverage.highlevel_accounts.get(row.connection) if row.connection else None)
    if account and coverage.account and account != coverage.account:
        return Evidence(row.id or "", ACCOUNT, account)
    if row.livemode is not None and row.livemode != situation.sub.livemode:
        return Evidence(row.id or "", MODE, str(row.livemode).lower())
    return None


def _mapped_elsewhere(situation: Situation) -> list[Evidence]:
    coverage = situation.dossier.coverage
    theirs = coverage.highlevel_company_account
    if not theirs or not coverage.account or theirs == coverage.account:
        return []
    return [Evidence(row.location, COMPANY_ACCOUNT, theirs) for row in locations_about(situation)[:1]]


# Contacts ------------------------------------------------------------------------------------------------------------


def _no_contact(situation: Situation) -> Evidence | None:
    """HighLevel was asked for the contacts of this e-mail, and has none."""
    dossier = situation.dossier
    asked = dossier.records.contacts_read_at is not None
    if not asked or not dossier.customer.email.strip() or dossier.contacts:
        return None
    return Evidence(dossier.customer.id, "HighLevel contacts with this e-mail", "none")


def _several_contacts(situation: Situation) -> tuple[Evidence, ...]:
    dossier = situation.dossier
    if len(dossier.contacts) < 2:
        return ()
    return tuple(Evidence(contact, CONTACT, dossier.customer.email) for contact in dossier.contacts)
