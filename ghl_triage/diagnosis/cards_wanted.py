"""Which bounded look-ups would decide a case, for the sync that makes them (one request each)."""

from __future__ import annotations

from ghl_triage.diagnosis.dossier import Dossier
from ghl_triage.diagnosis.namesakes import unread
from ghl_triage.diagnosis.paths import SESSIONS_UNREAD
from ghl_triage.diagnosis.proof import absence_tells
from ghl_triage.diagnosis.read import objects
from ghl_triage.diagnosis.rules.rule import CARDS, SETUPS
from ghl_triage.model import Case, Cause, Coverage, Finding, Path, Records, Stage

WAITING = (Stage.FAILING, Stage.AT_RISK, Stage.LOST)
MOST_PROOFS = 3


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
    if case.pending != CARDS:
        return ()
    return tuple(unread(Dossier(records, Coverage())))


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
