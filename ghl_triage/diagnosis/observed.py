"""What was observed beside a case's own objects: fraud warnings, deliveries that failed, lines of the client's log."""

from __future__ import annotations

from ghl_triage.diagnosis.facts import Event, LogLine
from ghl_triage.diagnosis.read import Json, mapping, moment, objects, ref, text
from ghl_triage.diagnosis.situation import Situation
from ghl_triage.model import Evidence

FRAUD_WARNING = "radar.early_fraud_warning.created"
MOST_TOLD = 3
"""So many pieces of evidence stand for a finding: where an endpoint is down, every event is one."""


def fraud_warnings(situation: Situation) -> tuple[Evidence, ...]:
    """Early fraud warnings for charges of this customer, listed or told by an event."""
    records = situation.dossier.records
    told = [mapping(mapping(raw.get("data")).get("object")) for raw in objects(records.events) if _warns(raw)]
    warnings = {str(raw.get("id")): raw for raw in (*told, *objects(records.early_fraud_warnings))}
    return tuple(
        Evidence(name, "fraud_type", text(raw.get("fraud_type")) or "not said", moment(raw.get("created")))
        for name, raw in sorted(warnings.items())
        if ref(raw.get("charge")) in situation.dossier.charge_by_id
    )


def _warns(raw: Json) -> bool:
    return raw.get("type") == FRAUD_WARNING


def undelivered(situation: Situation) -> list[Event]:
    """Events of this subscription, or of the customer as such, that the client's endpoint did not take, newest first.

    domain/stripe.md R33.
    """
    marked = situation.dossier.records.undelivered
    if not marked:
        return []
    found = [event for event in situation.dossier.events if event.id in marked and _concerns(situation, event)]
    return found[::-1]


def undelivered_proof(situation: Situation) -> tuple[Evidence, ...]:
    """The newest of them, as evidence."""
    return tuple(
        Evidence(event.id, f"delivery of {event.type}", "failed", event.created)
        for event in undelivered(situation)[:MOST_TOLD]
    )


def _concerns(situation: Situation, event: Event) -> bool:
    named = event.object_id if event.kind == "subscription" else _subscription_of(event.body)
    return named in (None, situation.sub.id)


def _subscription_of(body: Json) -> str | None:
    details = mapping(mapping(body.get("parent")).get("subscription_details"))
    return ref(details.get("subscription")) or ref(body.get("subscription"))


def log_lines(situation: Situation) -> list[LogLine]:
    """The lines of the client's log that concern this subscription, oldest first; those that name another do not."""
    own = situation.sub.id
    return [line for line in situation.dossier.log_lines if not line.subscriptions or own in line.subscriptions]


def null_secrets(situation: Situation) -> tuple[Evidence, ...]:
    """Where the client's log says that the client secret was null: file and number of the line."""
    found = [line for line in log_lines(situation) if line.null_secret]
    return tuple(Evidence(line.place, "client_secret", "null", line.at) for line in found[-MOST_TOLD:])
