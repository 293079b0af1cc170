"""Paid elsewhere, by the card: whoever paid with it, the customer must not be charged again unasked."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from ghl_triage.diagnosis.case import diagnose
from ghl_triage.model import ActionKind, Caps, Coverage, Finding
from ghl_triage.store.reader import Reader
from ghl_triage.store.writer import Writer
from tests.store.given import NOW

DAY = 86_400
COVERAGE = Coverage(0, 0, 0, True)


def charge(number: int, customer: str | None, **more: Any) -> dict[str, Any]:
    card = {"fingerprint": "print_1", "brand": "visa", "last4": "4242"}
    return {
        "id": f"ch_{number}", "object": "charge", "customer": customer, "status": "succeeded", "amount": 9_700,
        "amount_refunded": 0, "currency": "usd", "created": NOW - DAY, "livemode": False,
        "payment_method_details": {"type": "card", "card": card}, **more,
    }  # fmt: skip


OWES = [
    {"id": "cus_1", "object": "customer", "email": "jane@acme.test", "created": NOW - 40 * DAY,
     "invoice_settings": {"default_payment_method": "pm_1"}},
    {"id": "pm_1", "object": "payment_method", "type": "card", "customer": "cus_1", "created": NOW - 40 * DAY,
     "card": {"fingerprint": "print_1", "brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2030}},
    {"id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "past_due", "created": NOW - 40 * DAY,
     "currency": "usd", "latest_invoice": "in_1", "collection_method": "charge_automatically",
     "items": {"data": [{"id": "si_1", "price": {"id": "price_1", "unit_amount": 9_700}, "quantity": 1}]}},
    {"id": "in_1", "object": "invoice", "customer": "cus_1", "status": "open", "created": NOW - 10 * DAY,
     "attempted": True, "amount_due": 9_700, "amount_remaining": 9_700, "currency": "usd", "auto_advance": True,
     "status_transitions": {"finalized_at": NOW - 10 * DAY},
     "parent": {"type": "subscription_details", "subscription_details": {"subscription": "sub_1"}}},
]  # fmt: skip


def verdict(path: Path, *charges: dict[str, Any]) -> tuple[bool, str | None]:
    """Whether it counts as paid elsewhere, and why a retry is refused."""
    with Writer(path) as writer:
        writer.write_objects([*OWES, *charges], fetched_at=NOW)
    with Reader(path) as reader:
        (case,) = diagnose(reader.records("cus_1"), NOW, coverage=COVERAGE, caps=Caps())
    return Finding.PAID_ELSEWHERE in case.findings, case.blocked.get(ActionKind.RETRY)


@pytest.mark.parametrize("payer", ["cus_other", None], ids=["another customer", "a guest"])
def test_who_paid_with_the_same_card_paid(path: Path, payer: str | None) -> None:
    found, why = verdict(path, charge(1, payer))
    assert found
    assert "ch_1" in (why or "")


@pytest.mark.parametrize(
    "more",
    [
        {"amount": 2_900},
        {"currency": "eur"},
        {"created": NOW - 11 * DAY},
        {"amount_refunded": 9_700},
        {"status": "failed"},
    ],
    ids=["another amount", "another currency", "before it was due", "given back", "refused"],
)
def test_what_is_no_payment_of_this(path: Path, more: dict[str, Any]) -> None:
    assert not verdict(path, charge(1, "cus_other", **more))[0]


def test_a_payment_that_was_given_back_in_part_is_looked_at_first(path: Path) -> None:
    assert verdict(path, charge(1, "cus_other", amount_refunded=4_000))[0]


def test_a_card_that_everybody_has_says_nothing(path: Path) -> None:
    assert not verdict(path, *(charge(number, f"cus_x{number}") for number in range(11)))[0]


def test_the_charges_of_a_card_are_found_by_their_index(path: Path) -> None:
    verdict(path, charge(1, "cus_other"))
    connection = sqlite3.connect(path)
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
    connection.close()
    assert "charges_by_fingerprint" in names
