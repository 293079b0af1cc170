"""Which checkout sold a subscription: the first sign of design.md section 5, "Path", is the answer and the evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from ghl_triage.diagnosis.dossier import Dossier
from ghl_triage.diagnosis.facts import Charge, PaymentIntent, SetupIntent, Subscription
from ghl_triage.diagnosis.read import Json
from ghl_triage.model import Confidence, Path

SESSIONS_UNREAD = "Checkout Sessions of that time were not read yet"
SESSION_LEAD = 86_400
"""A Checkout Session lives a day: it may be that much older than the subscription that it made."""
SIGN_UP = 3_600
"""A set-up or payment with the subscription's own card this near to its creation belongs to the same sign-up."""
_T = TypeVar("_T")
_HIGHLEVEL = re.compile(r"high\s*level|lead\s*connector", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attribution:
    """A path, how sure it is, and the sign that says so."""

    path: Path
    confidence: Confidence
    evidence: str


@dataclass(frozen=True, slots=True)
class _Sign:
    """Where an application or marks in metadata may stand."""

    object_id: str
    application: str | None
    metadata: Json


def attribute(dossier: Dossier, sub: Subscription) -> Attribution:
    """The path of a subscription."""
    override = dossier.records.path_overrides.get(sub.id)
    if override is not None:
        return Attribution(override, Confidence.CERTAIN, "set by hand")
    if any(row.subscription == sub.id and row.saas_location is None for row in dossier.listed):
        return Attribution(Path.HIGHLEVEL, Confidence.CERTAIN, "in HighLevel's list of subscriptions")
    signs = list(_signs(dossier, sub))
    return (
        _by_application(dossier, signs)
        or _by_session(dossier, sub)
        or _by_marks(dossier, sub, signs)
        or _by_foreign_application(dossier, signs)
        or _by_absence(dossier, sub)
    )


def _signs(dossier: Dossier, sub: Subscription) -> Iterator[_Sign]:
    """The objects that may carry the seller's sign, the subscription first."""
    yield _Sign(sub.id, sub.application, sub.metadata)
    intents: dict[str, PaymentIntent] = {}
    charges: dict[str, Charge] = {}
    setups: dict[str, SetupIntent] = {}
    for invoice in dossier.invoices_of(sub.id):
        yield _Sign(invoice.id, invoice.application, {})
        for charge in dossier.charges_of(invoice.id):
            charges[charge.id] = charge
        for payment in dossier.payments_of(invoice.id):
            _keep(intents, dossier.intents, payment.payment_intent)
    _keep(setups, dossier.setup_intents, sub.pending_setup_intent)
    for session in dossier.sessions_of.get(sub.id, ()):
        _keep(intents, dossier.intents, session.payment_intent)
        _keep(setups, dossier.setup_intents, session.setup_intent)
    _keep_sign_up(dossier, sub, setups, intents)
    for found in (intents, charges, setups):
        for key in sorted(found):
            one = found[key]
            yield _Sign(key, one.application, one.metadata)


def _keep_sign_up(
    dossier: Dossier, sub: Subscription, setups: dict[str, SetupIntent], intents: dict[str, PaymentIntent]
) -> None:
    card = sub.default_payment_method
    if card is None:
        return
    for intent in dossier.setups_of.get(card, ()):
        if abs(intent.created - sub.created) <= SIGN_UP:
            setups[intent.id] = intent
    for payment in dossier.intents.values():
        if payment.payment_method == card and abs(payment.created - sub.created) <= SIGN_UP:
            intents[payment.id] = payment


def _keep(found: dict[str, _T], known: dict[str, _T], key: str | None) -> None:
    if key and key in known:
        found[key] = known[key]


def _is_highlevel(dossier: Dossier, application: str) -> bool:
    if application == dossier.coverage.highlevel_application:
        return True
    return _HIGHLEVEL.search(dossier.applications.get(application, "")) is not None


def _by_application(dossier: Dossier, signs: list[_Sign]) -> Attribution | None:
    for sign in signs:
        if sign.application and _is_highlevel(dossier, sign.application):
            return Attribution(
                Path.HIGHLEVEL, Confidence.STRONG, f"application {sign.application} of {sign.object_id} is HighLevel's"
            )
    return None


def _by_session(dossier: Dossier, sub: Subscription) -> Attribution | None:
    sessions = dossier.sessions_of.get(sub.id)
    if not sessions:
        return None
    session = sessions[0]
    link = f" of payment link {session.payment_link}" if session.payment_link else ""
    return Attribution(Path.CHECKOUT, Confidence.CERTAIN, f"Checkout Session {session.id}{link}")


def _by_marks(dossier: Dossier, sub: Subscription, signs: list[_Sign]) -> Attribution | None:
    weak: Attribution | None = None
    for sign in signs:
        keys = sign.metadata.keys()
        if {"altId", "altType"} <= keys or "transactionId" in keys:
            return Attribution(Path.HIGHLEVEL, Confidence.STRONG, f"HighLevel's marks in metadata of {sign.object_id}")
        if {"locationId", "contactId"} <= keys and weak is None:
            weak = Attribution(
                Path.HIGHLEVEL, Confidence.WEAK, f"locationId and contactId in metadata of {sign.object_id}"
            )
    foreign = sub.application is None and dossier.coverage.highlevel_listed_have_application
    return None if foreign else weak


def _by_foreign_application(dossier: Dossier, signs: list[_Sign]) -> Attribution | None:
    for sign in signs:
        if sign.application:
            name = dossier.applications.get(sign.application, "no name known")
            return Attribution(Path.UNKNOWN, Confidence.WEAK, f"application {sign.application} ({name})")
    return None


def _by_absence(dossier: Dossier, sub: Subscription) -> Attribution:
    since = dossier.coverage.checkout_sessions_since
    read = sub.id in dossier.records.sessions_read_for or (since is not None and sub.created >= since + SESSION_LEAD)
    if not read:
        return Attribution(Path.UNKNOWN, Confidence.WEAK, SESSIONS_UNREAD)
    if dossier.coverage.highlevel_subscriptions_read:
        return Attribution(Path.API, Confidence.STRONG, "no Checkout Session, no application, not in HighLevel")
    return Attribution(Path.API, Confidence.WEAK, "no Checkout Session, no application; HighLevel's list was not read")
