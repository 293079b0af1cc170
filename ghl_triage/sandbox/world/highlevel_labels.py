"""What is sure of HighLevel's side of any story: told by what HighLevel noted down, not by the author."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from ghl_triage.sandbox.stories.scene import Label, Scene

OVER = frozenset({"canceled", "incomplete_expired"})
QUEUE = frozenset({"failing", "at_risk"})
"""The stages whose customers are looked for among the contacts."""


def labels(scene: Scene) -> tuple[Label, ...]:
    """The labels of a story as it stands now, with what HighLevel's list and its contacts say of each."""
    emails = {label.subscription: _email(scene, label.subscription) for label in scene.labels}
    waiting = {emails[label.subscription] for label in scene.labels if label.stage in QUEUE} - {""}
    contacts = {email: _contact_finding(scene, email) for email in waiting}
    found = []
    for label in scene.labels:
        sure = dict.fromkeys(label.findings)
        if scene.subscription(label.subscription)["status"] not in OVER and not _is_listed(scene, label.subscription):
            sure["not_in_highlevel"] = None
        if finding := contacts.get(emails[label.subscription]):
            sure[finding] = None
        found.append(replace(label, findings=tuple(sure)))
    return tuple(found)


def _email(scene: Scene, subscription: str) -> str:
    customer = scene.engine.peek(str(scene.subscription(subscription)["customer"])) or {}
    return str(customer.get("email") or "").lower()


def _is_listed(scene: Scene, subscription: str) -> bool:
    records = scene.highlevel.records
    return any(record.kind == "subscription" and record.subscription == subscription for record in records)


def _contact_finding(scene: Scene, email: str) -> str | None:
    """A list's row names its contact, so that nobody looks for others."""
    known: defaultdict[str, set[str]] = defaultdict(set)
    for record in scene.highlevel.records:
        if record.email.lower() == email:
            known["contact" if record.kind == "contact" else "named"].add(record.contact or record.id)
    named = {contact for contact in known["named"] if contact in known["contact"]}
    counted = len(named or known["contact"])
    if counted == 1:
        return None
    return "contact_ambiguous" if counted else "contact_missing"
