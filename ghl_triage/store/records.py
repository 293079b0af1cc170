"""Gathers all that the store holds about a batch of customers, as diagnosis takes it."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from ghl_triage.model import OwnAttempt, Path, Raw, Records
from ghl_triage.store.fingerprints import card_charges, card_mates
from ghl_triage.store.highlevel import CONTACT_LOOKUP, mappings
from ghl_triage.store.own_attempts import attempts_of_others, own_attempts
from ghl_triage.store.split import MAPPING
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
    "log_line": "log_lines",
    "highlevel_subscription": "highlevel_subscriptions",
    "highlevel_transaction": "highlevel_transactions",
    MAPPING: "highlevel_saas_locations",
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
    merged: set[str] = field(default_factory=set)
    """Contacts that HighLevel has merged into others."""

    def add(self, kind: str, identity: str, obj: Raw) -> None:
        name = _SEQUENCES.get(kind)
        if name:
            self.objects[name][identity] = obj
        if kind.startswith("highlevel_"):
            contact = obj.get("contactId") or (obj.get("id") if kind == "highlevel_contact" else None)
            if isinstance(contact, str):
                self.contacts.add(contact)
            if isinstance(former := obj.get("mergedFromContactId"), str):
                self.merged.add(former)


def load_records(connection: sqlite3.Connection, customers: Iterable[str]) -> dict[str, Records]:
    """The records of these customers, each with his namesakes and card mates; a few statements for the whole batch."""
    wanted = list(dict.fromkeys(customers))
    gathered = _gather(connection, wanted)
    names = _namesakes(connection, {each.email for each in gathered.values() if each.email})
    mates = card_mates(connection, {name: each.objects["payment_methods"].values() for name, each in gathered.items()})
    others = {other for each in gathered.values() for other in names.get(each.email or "", ())}
    others |= {mate for found in mates.values() for mate in found}
    gathered |= _gather(connection, sorted(others - gathered.keys()))
    _add_by_email(connection, gathered)
    _add_mapped(connection, gathered)
    plain = _finish(connection, gathered)
    return {
        customer: replace(
            plain[customer],
            namesakes=tuple(
                plain[other] for other in names.get(gathered[customer].email or "", ()) if other != customer
            ),
            card_mates=tuple(plain[mate] for mate in mates[customer] if not gathered[mate].customer.get("deleted")),
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


def _add_by_email(connection: sqlite3.Connection, gathered: Mapping[str, _Gathered]) -> None:
    """HighLevel's rows, lines of a log and guests' charges name no Stripe customer: those of his e-mail are his."""
    by_email: defaultdict[str, list[_Gathered]] = defaultdict(list)
    for each in gathered.values():
        if each.email:
            by_email[each.email].append(each)
    for part in chunks(sorted(by_email)):
        rows = connection.execute(
            f"""SELECT email, kind, id, CAST(json AS BLOB) FROM objects
                WHERE email IN ({marks(part)}) AND deleted = 0
                  AND kind IN ('highlevel_subscription', 'highlevel_transaction', 'highlevel_contact', 'log_line',
                               'charge')
                ORDER BY id""",  # noqa: S608
            part,
        )
        for email, kind, identity, encoded in rows:
            obj = orjson.loads(encoded)
            for each in by_email[email]:
                each.add(kind, identity, obj)


def _add_mapped(connection: sqlite3.Connection, gathered: Mapping[str, _Gathered]) -> None:
    """A location of HighLevel's mapping is his whom it names, whose subscription it names, and whose e-mail it has."""
    owners = {name: each for each in gathered.values() for name in each.objects["subscriptions"]}
    by_email: defaultdict[str, list[_Gathered]] = defaultdict(list)
    for each in gathered.values():
        if each.email:
            by_email[each.email].append(each)
    for identity, email, obj in mappings(connection, gathered.keys(), owners.keys(), by_email.keys()):
        named = (gathered.get(str(obj.get("customerId"))), owners.get(str(obj.get("subscriptionId"))))
        for each in (*filter(None, named), *by_email.get(email or "", ())):
            each.add(MAPPING, identity, obj)


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
    asked = _lookups(connection, CONTACT_LOOKUP, {each.email for each in gathered.values() if each.email})
    addresses = _lookups(connection, "namesakes", {each.email for each in gathered.values() if each.email})
    undelivered = _undelivered(connection)
    overrides = _overrides(connection, subscriptions)
    attempts = _own_attempts(connection, gathered)
    finished = {}
    for customer, each in gathered.items():
        sequences: dict[str, Any] = {name: tuple(objects.values()) for name, objects in each.objects.items()}
        own = each.objects["subscriptions"].keys()
        finished[customer] = Records(
            customer=each.customer,
            **sequences,
            applications=applications,
            highlevel_contacts=tuple(sorted(each.contacts - each.merged)),
            contacts_read_at=asked.get(each.email or ""),
            cards_read_at=cards.get(customer),
            proof_read_for=frozenset(_methods(each) & proofs.keys()),
            sessions_read_for=frozenset(own & sessions.keys()),
            own_attempts=tuple(
                attempt for invoice in each.objects["invoices"] for attempt in attempts.get(invoice, ())
            ),
            path_overrides={subscription: overrides[subscription] for subscription in own & overrides.keys()},
            namesakes_read=each.email in addresses,
            undelivered=undelivered & each.objects["events"].keys(),
            card_charges=_card_charges(connection, each),
        )
    return finished


def _card_charges(connection: sqlite3.Connection, each: _Gathered) -> tuple[Raw, ...]:
    """Looked for only where something is to be paid: else it can't have been paid elsewhere."""
    open_since = [obj.get("created") for obj in each.objects["invoices"].values() if obj.get("status") == "open"]
    known = [at for at in open_since if isinstance(at, int)]
    if not known:
        return ()
    payer = {name: each.objects[name].values() for name in ("payment_methods", "charges")}
    return tuple(card_charges(connection, payer, min(known)))


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


def _undelivered(connection: sqlite3.Connection) -> frozenset[str]:
    """The events that are known not to have been delivered: a few hundred at most, in one statement."""
    rows = connection.execute("SELECT id FROM lookups WHERE kind = 'undelivered'")
    return frozenset(identity for (identity,) in rows)


def _overrides(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for part in chunks(ids):
        rows = connection.execute(
            f"SELECT subscription, path FROM path_overrides WHERE subscription IN ({marks(part)})",  # noqa: S608
            part,
        )
        found.update({subscription: Path(path) for subscription, path in rows})
    return found


def _own_attempts(connection: sqlite3.Connection, gathered: Mapping[str, _Gathered]) -> Mapping[str, list[OwnAttempt]]:
    found: defaultdict[str, list[OwnAttempt]] = defaultdict(list)
    for part in chunks(_ids(gathered, "invoices")):
        for attempt in own_attempts(connection, part):
            found[attempt.invoice].append(attempt)
    events = (event for each in gathered.values() for event in each.objects["events"].values())
    for attempt in attempts_of_others(connection, events):
        found[attempt.invoice].append(attempt)
    return found
