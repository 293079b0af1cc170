"""Which checkout sold a subscription: the first sign of design.md section 5, "Path", is the answer and the evidence.

A learned name is the consultant's word on a kind of subscription, not on this one: it stands in the place of the guess
that it corrects (domain/stripe.md 4.2). One for an application is asked just before rule 3, the rule on applications,
and so outweighs a Checkout Session, which the application may have opened itself. One for anything else is asked just
before rule 5, the rule on metadata, and so yields to a Checkout Session. Both yield to the consultant's word on this
very subscription and to HighLevel's own list, and are `strong`, never `certain`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ghl_triage.diagnosis.dossier import Dossier
from ghl_triage.diagnosis.facts import Subscription
from ghl_triage.diagnosis.signatures import described, first_match, signature
from ghl_triage.diagnosis.signs import Sign, signs
from ghl_triage.model import Confidence, LearnedName, Path

SESSIONS_UNREAD = "Checkout Sessions of that time were not read yet"
SESSION_LEAD = 86_400
"""A Checkout Session lives a day: it may be that much older than the subscription that it made."""
_HIGHLEVEL = re.compile(r"high\s*level|lead\s*connector", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attribution:
    """A path, how sure it is, and the sign that says so."""

    path: Path
    confidence: Confidence
    evidence: str


def attribute(dossier: Dossier, sub: Subscription) -> Attribution:
    """The path of a subscription."""
    override = dossier.records.path_overrides.get(sub.id)
    if override is not None:
        return Attribution(override, Confidence.CERTAIN, "set by hand")
    if any(row.subscription == sub.id for row in dossier.listed):
        return Attribution(Path.HIGHLEVEL, Confidence.CERTAIN, "in HighLevel's list of subscriptions")
    found = signs(dossier, sub)
    named = learned_name(dossier, sub)
    return (
        _by_name(dossier, sub, named, for_application=True)
        or _by_application(dossier, found)
        or _by_session(dossier, sub)
        or _by_name(dossier, sub, named, for_application=False)
        or _by_marks(dossier, sub, found)
        or _by_foreign_application(dossier, found)
        or _by_absence(dossier, sub)
    )


def learned_name(dossier: Dossier, sub: Subscription) -> LearnedName | None:
    """The consultant's name for this kind of subscription."""
    names = dossier.coverage.learned
    return first_match(names, signature(dossier, sub)) if names else None


def _by_name(
    dossier: Dossier, sub: Subscription, named: LearnedName | None, *, for_application: bool
) -> Attribution | None:
    """What the consultant said of its kind. Weak while a Checkout Session, a surer sign, may yet come to light."""
    if named is None or bool(named.application) is not for_application:
        return None
    evidence = f'learned name "{named.name}": {described(named, dossier.applications)}'
    if for_application or _sessions_read(dossier, sub):
        return Attribution(named.path, Confidence.STRONG, evidence)
    return Attribution(named.path, Confidence.WEAK, f"{evidence}; {SESSIONS_UNREAD}")


def highlevel_by(application: str, learned: str | None, title: str) -> str | None:
    """How an application is known to be HighLevel's, in words; None where it is not."""
    if application and application == learned:
        return "learned from its own transactions"
    return "by its name" if application and _HIGHLEVEL.search(title) else None


def _is_highlevel(dossier: Dossier, application: str) -> bool:
    title = dossier.applications.get(application, "")
    return highlevel_by(application, dossier.coverage.highlevel_application, title) is not None


def _by_application(dossier: Dossier, found: list[Sign]) -> Attribution | None:
    for sign in found:
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


def _by_marks(dossier: Dossier, sub: Subscription, found: list[Sign]) -> Attribution | None:
    weak: Attribution | None = None
    for sign in found:
        keys = sign.metadata.keys()
        if {"altId", "altType"} <= keys or "transactionId" in keys:
            return Attribution(Path.HIGHLEVEL, Confidence.STRONG, f"HighLevel's marks in metadata of {sign.object_id}")
        if {"locationId", "contactId"} <= keys and weak is None:
            weak = Attribution(
                Path.HIGHLEVEL, Confidence.WEAK, f"locationId and contactId in metadata of {sign.object_id}"
            )
    foreign = sub.application is None and dossier.coverage.highlevel_listed_have_application
    return None if foreign else weak


def _by_foreign_application(dossier: Dossier, found: list[Sign]) -> Attribution | None:
    for sign in found:
        if sign.application:
            name = dossier.applications.get(sign.application, "no name known")
            return Attribution(Path.UNKNOWN, Confidence.WEAK, f"application {sign.application} ({name})")
    return None


def _sessions_read(dossier: Dossier, sub: Subscription) -> bool:
    """Whether a Checkout Session of this subscription would be known."""
    since = dossier.coverage.checkout_sessions_since
    return sub.id in dossier.records.sessions_read_for or (since is not None and sub.created >= since + SESSION_LEAD)


def _by_absence(dossier: Dossier, sub: Subscription) -> Attribution:
    if not _sessions_read(dossier, sub):
        return Attribution(Path.UNKNOWN, Confidence.WEAK, SESSIONS_UNREAD)
    if dossier.coverage.highlevel_subscriptions_read:
        return Attribution(Path.API, Confidence.STRONG, "no Checkout Session, no application, not in HighLevel")
    return Attribution(Path.API, Confidence.WEAK, "no Checkout Session, no application; HighLevel's list was not read")
