"""Which customers have the same card, by its fingerprint."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from ghl_triage.model import Raw
from ghl_triage.store.migrations.objects import CHARGE_FINGERPRINT, FINGERPRINT
from ghl_triage.store.statements import chunks, marks

MOST_OWNERS = 10
"""A card that more customers have is nobody's: Stripe's test cards are everybody's, and a shop may pay for others."""

_OWNERS = f"""
SELECT DISTINCT customer FROM objects INDEXED BY cards_by_fingerprint
WHERE {FINGERPRINT} = ? AND kind IN ('payment_method', 'card') AND customer IS NOT NULL LIMIT {MOST_OWNERS + 1}
"""  # noqa: S608


def card_mates(connection: sqlite3.Connection, methods: Mapping[str, Iterable[Raw]]) -> dict[str, tuple[str, ...]]:
    """By customer: the others who have one of his cards, by id; of cards that too many have, nobody."""
    owners: dict[str, frozenset[str]] = {}
    found: dict[str, tuple[str, ...]] = {}
    for customer, cards in methods.items():
        prints = {name for card in cards if (name := fingerprint(card))}
        for name in prints - owners.keys():
            owners[name] = _owners(connection, name)
        found[customer] = tuple(sorted(set().union(*(owners[name] for name in prints)) - {customer}))
    return found


def customers_with_the_cards_of(connection: sqlite3.Connection, customers: Iterable[str]) -> set[str]:
    """All who share a card with one of these."""
    prints: set[str] = set()
    for part in chunks(list(customers)):
        rows = connection.execute(
            f"""SELECT DISTINCT {FINGERPRINT} FROM objects
                WHERE customer IN ({marks(part)}) AND kind IN ('payment_method', 'card')""",  # noqa: S608
            part,
        )
        prints.update(name for (name,) in rows if name)
    return set().union(*(_owners(connection, name) for name in prints))


def payers_alike(connection: sqlite3.Connection, objects: Iterable[str]) -> set[str]:
    """Whom the charges among these objects concern though others made them: by the card, and by a guest's e-mail."""
    prints: set[str] = set()
    found: set[str] = set()
    for part in chunks(list(objects)):
        rows = connection.execute(_PAYERS.format(marks(part)), part).fetchall()
        prints.update(name for name, _ in rows if name)
        found.update(customer for _, customer in rows if customer)
    return found.union(*(_owners(connection, name) for name in prints))


_PAYERS = f"""
SELECT {CHARGE_FINGERPRINT}, customer.id FROM objects AS charge
LEFT JOIN objects AS customer ON customer.email = charge.email AND customer.kind = 'customer'
WHERE charge.id IN ({{}}) AND charge.kind = 'charge' AND charge.status = 'succeeded'
""".replace("(json,", "(charge.json,")  # noqa: S608


def card_charges(connection: sqlite3.Connection, payer: Mapping[str, Iterable[Raw]], since: int) -> list[Raw]:
    """The succeeded charges since then, by whomever, that took one of the cards of these objects.

    `payer` holds a customer's payment methods and charges; of a card that too many pay with, none.
    """
    prints = {name for kind in payer for obj in payer[kind] if (name := fingerprint(obj) or _charged(obj))}
    found: list[Raw] = []
    for name in sorted(prints):
        rows = connection.execute(_CHARGES, (name, since)).fetchall()
        if len({customer for customer, _ in rows if customer}) <= MOST_OWNERS:
            found += [orjson.loads(encoded) for _, encoded in rows]
    return found


_CHARGES = f"""
SELECT customer, CAST(json AS BLOB) FROM objects INDEXED BY charges_by_fingerprint
WHERE {CHARGE_FINGERPRINT} = ? AND kind = 'charge' AND status = 'succeeded' AND created >= ? AND deleted = 0
ORDER BY created DESC LIMIT 100
"""  # noqa: S608


def _charged(charge: Raw) -> str | None:
    details = charge.get("payment_method_details")
    card = details.get("card") if isinstance(details, dict) else None
    name = card.get("fingerprint") if isinstance(card, dict) else None
    return name if isinstance(name, str) and name else None


def _owners(connection: sqlite3.Connection, name: str) -> frozenset[str]:
    owners = frozenset(owner for (owner,) in connection.execute(_OWNERS, (name,)))
    return owners if len(owners) <= MOST_OWNERS else frozenset()


def fingerprint(card: Raw) -> str | None:
    """The fingerprint of a stored card, as the index has it."""
    details: Any = card if card.get("object") == "card" else card.get("card")
    name = details.get("fingerprint") if isinstance(details, dict) else None
    return name if isinstance(name, str) and name else None
