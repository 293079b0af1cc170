"""Which bounded look-ups would decide a case, for the sync that makes them (one request each, or less)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ghl_triage.diagnosis.dossier import Dossier
from ghl_triage.diagnosis.namesakes import unread, unsought
from ghl_triage.diagnosis.paths import SESSIONS_UNREAD
from ghl_triage.diagnosis.proof import absence_tells
from ghl_triage.diagnosis.read import objects
from ghl_triage.diagnosis.rules.rule import CARDS, SETUPS
from ghl_triage.model import Case, Cause, Coverage, Finding, Path, Records, Stage

WAITING = (Stage.FAILING, Stage.AT_RISK, Stage.LOST)
MOST_PROOFS = 3

LookUp: TypeAlias = Literal["cards", "namesakes", "proof", "sessions"]
"""What a look-up lists: a customer's cards, the customers of an e-mail address (case ignored), the SetupIntents of a
card, the Checkout Sessions of a subscription."""


@dataclass(frozen=True, slots=True)
class Want:
    """One look-up, by the customer, address, card or subscription that it is for."""

    kind: LookUp
    id: str


def wanted(records: Records, case: Case, *, coverage: Coverage) -> tuple[Want, ...]:
    """What a case wants to have looked up next: an answer may ask for another look-up."""
    if case.stage not in WAITING or not _may_want(records, case):
        return ()
    wants = [Want("cards", customer) for customer in customers_to_read(records, case)]
    address = address_to_seek(records, case)
    wants += [Want("namesakes", address)] if address else []
    wants += [Want("proof", method) for method in wants_proof(records, case, coverage=coverage)]
    wants += [Want("sessions", case.subscription)] if wants_sessions(records, case) else []
    return tuple(wants)


def _may_want(records: Records, case: Case) -> bool:
    """A quick look: nearly all verdicts stand by themselves."""
    return (
        case.pending is not None
        or case.path is Path.UNKNOWN
        or case.cause is Cause.PAYMENT_METHOD_DETACHED
        or Finding.SEVERAL_CARDS in case.findings
        or not _seen(records, case.effective_payment_method)
    )


def wants_cards(records: Records, case: Case) -> bool:
    """Whether the attached payment methods of the case's own customer must be listed."""
    if records.cards_read_at is not None:
        return False
    if case.pending == CARDS or case.cause is Cause.PAYMENT_METHOD_DETACHED:
        return True
    return case.stage in WAITING and not _seen(records, case.effective_payment_method)


def _seen(records: Records, method: str | None) -> bool:
    """Whether the object of the method that would be charged is known: its expiry, its country, its age."""
    return method is None or any(raw["id"] == method for raw in objects(records.payment_methods))


def customers_to_read(records: Records, case: Case) -> tuple[str, ...]:
    """The customers whose attached payment methods must be listed: his own, then those with the same e-mail."""
    if wants_cards(records, case):
        return (case.customer,)
    if case.pending != CARDS or address_to_seek(records, case):
        return ()
    return tuple(unread(Dossier(records, Coverage())))


def address_to_seek(records: Records, case: Case) -> str | None:
    """The e-mail address whose customers must be sought: after his own cards, before those of namesakes.

    One search is for ten addresses, and brings the namesakes' default cards along.
    """
    if case.pending != CARDS or records.cards_read_at is None:
        return None
    return unsought(Dossier(records, Coverage()))


def wants_proof(records: Records, case: Case, *, coverage: Coverage) -> tuple[str, ...]:
    """The payment methods whose SetupIntents must be looked up one by one, the deciding one first.

    None while the lists of set-ups and charges are still to come, nor those whose set-ups would stand in them.
    """
    if coverage.setup_intents_since is None or coverage.charges_since is None:
        return ()
    asked: list[str] = []
    if case.pending == SETUPS and case.card is not None:
        asked.append(case.card.id)
    if case.stage in WAITING and Finding.SEVERAL_CARDS in case.findings:
        asked.extend(view.id for view in case.payment_methods if view.attached and not view.off_session_proof)
    if not asked:
        return ()
    dossier = Dossier(records, coverage)
    return tuple(name for name in dict.fromkeys(asked) if not absence_tells(dossier, name))[:MOST_PROOFS]


def wants_sessions(records: Records, case: Case) -> bool:
    """Whether the Checkout Sessions of this one subscription must be looked up."""
    if case.subscription in records.sessions_read_for or case.stage not in WAITING:
        return False
    return case.path is Path.UNKNOWN and case.path_evidence == SESSIONS_UNREAD
