"""Gathers all that the store holds about a batch of customers, as diagnosis takes it."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from ghl_triage.model import OwnAttempt, Path, Raw, Records
from ghl_triage.store.own_attempts import own_attempts
from ghl_triage.store.statements import chunks, marks

_SEQUENCES = {
    "subscription": "subscriptions",
    "invoice": "invoices",
    "invoice_payment": "invoice_payments",
    "payment_intent": "payment_intents",
    "charge": "charges",
    "setup_intent": "setup_intents",
    "setup_attempt": "setup_attempts",
    "mandate": "mandates",
    "payment_method": "payment_methods",
    "card": "payment_methods",
    "source": "payment_methods",
    "bank_account": "payment_methods",
    "checkout.session": "checkout_sessions",
    "dispute": "disputes",
    "radar.early_fraud_warning": "early_fraud_warnings",
    "event": "events",
    "highlevel_subscription": "highlevel_subscriptions",
    "highlevel_transaction": "highlevel_transactions",
}
"""Which sequence of `Records` a kind of object goes to; other kinds are kept, and take no part in a verdict."""

MAX_NAMESAKES = 100
"""Customers of one e-mail that a verdict looks at, newest first: a shop's own test address may have thousands."""


@dataclass(slots=True)
class _Gathered:
    """One customer's objects while they come in."""

    customer: Raw
    email: str | None = None
    objects: defaultdict[str, dict[str, Raw]] = field(default_factory=lambda: defaultdict(dict))
    contacts: set[str] = field(default_factory=set)

    def add(self, kind: str, identity: str, obj: Raw) -> None:
        name = _SEQUENCES.get(kind)
        if name:
            self.objects[name][identity] = obj
        if kind.startswith("highlevel_"):
            contact = obj.get("contactId") or (obj.get("id") if kind == "highlevel_contact" else None)
            if isinstance(contact, str):
                self.contacts.add(contact)


def load_records(connection: sqlite3.Connection, customers: Iterable[str]) -> dict[str, Records]:
    """The records of these customers, each with his namesakes; a few statements for the whole batch."""
    wanted = list(dict.fromkeys(customers))
    gathered = _gather(connection, wanted)
    names = _namesakes(connection, {each.email for each in gathered.values() if each.email})
    others = {other for each in gathered.values() for other in names.get(each.email or "", ())} - gathered.keys()
    gathered |= _gather(connection, sorted(others))
    _add_highlevel(connection, gathered)
    plain = _finish(connection, gathered)
    return {
        customer: replace(
            plain[customer],
            namesakes=tuple(
                plain[other] for other in names.get(gathered[customer].email or "", ()) if other != customer
            ),
        )
        for customer in wanted
    }


def _gather(connection: sqlite3.Connection, customers: Sequence[str]) -> dict[str, _Gathered]:
    found = {customer: _Gathered({"id": customer, "object": "customer"}) for customer in customers}
    for part in chunks(customers):
        rows = connection.execute(
            f"""SELECT customer, kind, id, email, CAST(json AS BLOB) FROM objects
                WHERE customer IN ({marks(part)}) AND (deleted = 0 OR kind = 'customer')
                ORDER BY customer, created, id""",  # noqa: S608
            part,
        )
        for customer, kind, identity, email, encoded in rows:
            each = found[customer]
            obj = orjson.loads(encoded)
            if kind == "customer":
                each.customer, each.email = obj, email
            else:
                each.add(kind, identity, obj)
    return found


def _namesakes(connection: sqlite3.Connection, emails: set[str]) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for part in chunks(sorted(emails)):
        rows = connection.execute(
            f"""SELECT email, id FROM objects
                WHERE kind = 'customer' AND email IN ({marks(part)}) AND deleted = 0
                ORDER BY created DESC, id""",  # noqa: S608
            part,
        )
        for email, identity in rows:
            if len(found[email]) <= MAX_NAMESAKES:
                found[email].append(identity)
    return {email: tuple(ids) for email, ids in found.items()}


def _add_highlevel(connection: sqlite3.Connection, gathered: Mapping[str, _Gathered]) -> None:
    """HighLevel's rows name no Stripe customer: those of his e-mail are his."""
    by_email: defaultdict[str, list[_Gathered]] = defaultdict(list)
    for each in gathered.values():
        if each.email:
            by_email[each.email].append(each)
    for part in chunks(sorted(by_email)):
        rows = connection.execute(
            f"""SELECT email, kind, id, CAST(json AS BLOB) FROM objects
                WHERE email IN ({marks(part)}) AND deleted = 0
                  AND kind IN ('highlevel_subscription', 'highlevel_transaction', 'highlevel_contact')
                ORDER BY id""",  # noqa: S608
            part,
        )
        for email, kind, identity, encoded in rows:
            obj = orjson.loads(encoded)
            for each in by_email[email]:
                each.add(kind, identity, obj)


def _finish(connection: sqlite3.Connection, gathered: Mapping[str, _Gathered]) -> dict[str, Records]:
    applications = tuple(
        orjson.loads(encoded)
        for (encoded,) in connection.execute(
            "SELECT CAST(json AS BLOB) FROM objects WHERE kind = 'application' AND customer IS NULL"
        )
    )
    cards = _lookups(connection, "cards", gathered)
    proofs = _lookups(connection, "proof", {name for each in gathered.values() for name in _methods(each)})
    subscriptions = _ids(gathered, "subscriptions")
    sessions = _lookups(connection, "sessions", subscriptions)
    overrides = _overrides(connection, subscriptions)
    attempts = _own_attempts(connection, _ids(gathered, "invoices"))
    finished = {}
    for customer, each in gathered.items():
        sequences: dict[str, Any] = {name: tuple(objects.values()) for name, objects in each.objects.items()}
        own = each.objects["subscriptions"].keys()
        finished[customer] = Records(
            customer=each.customer,
            **sequences,
            applications=applications,
            highlevel_contacts=tuple(sorted(each.contacts)),
            cards_read_at=cards.get(customer),
            proof_read_for=frozenset(_methods(each) & proofs.keys()),
            sessions_read_for=frozenset(own & sessions.keys()),
            own_attempts=tuple(
                attempt for invoice in each.objects["invoices"] for attempt in attempts.get(invoice, ())
            ),
            path_overrides={subscription: overrides[subscription] for subscription in own & overrides.keys()},
        )
    return finished


def _ids(gathered: Mapping[str, _Gathered], name: str) -> list[str]:
    return [identity for each in gathered.values() for identity in each.objects[name]]


def _methods(each: _Gathered) -> set[str]:
    """Every payment method that something of this customer names: the object of an old card may never be read."""
    settings = each.customer.get("invoice_settings")
    named = [each.customer.get("default_source")]
    named += [settings.get("default_payment_method")] if isinstance(settings, dict) else []
    for name in ("subscriptions", "invoices", "charges"):
        for obj in each.objects[name].values():
            named += [obj.get("default_payment_method"), obj.get("default_source"), obj.get("payment_method")]
    return {*each.objects["payment_methods"], *(name for name in named if isinstance(name, str))}


def _lookups(connection: sqlite3.Connection, kind: str, ids: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in chunks(list(ids)):
        found.update(
            connection.execute(
                f"SELECT id, at FROM lookups WHERE kind = ? AND id IN ({marks(part)})",  # noqa: S608
                (kind, *part),
            ).fetchall()
        )
    return found


def _overrides(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for part in chunks(ids):
        rows = connection.execute(
            f"SELECT subscription, path FROM path_overrides WHERE subscription IN ({marks(part)})",  # noqa: S608
            part,
        )
        found.update({subscription: Path(path) for subscription, path in rows})
    return found


def _own_attempts(connection: sqlite3.Connection, ids: Sequence[str]) -> Mapping[str, list[OwnAttempt]]:
    found: defaultdict[str, list[OwnAttempt]] = defaultdict(list)
    for part in chunks(ids):
        for attempt in own_attempts(connection, part):
            found[attempt.invoice].append(attempt)
    return found
