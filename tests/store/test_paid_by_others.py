"""A payment concerns whoever shares the payer's card or address: he gets a new verdict, also where a guest paid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ghl_triage.model import Finding
from ghl_triage.store.writer import Writer
from tests.store.given import NOW
from tests.store.test_paid_by_card import OWES, charge, verdict

ADDRESS = "Jane@Acme.test"
PRIVATE = {"fingerprint": "print_of_another_card", "brand": "visa", "last4": "0001"}


def guests(**more: Any) -> dict[str, Any]:
    """A guest's payment with a card that nobody knows."""
    return charge(1, None, payment_method_details={"type": "card", "card": PRIVATE}, **more)


@pytest.mark.parametrize(
    "more",
    [{"billing_details": {"email": ADDRESS}}, {"billing_details": {"email": None}, "receipt_email": ADDRESS}],
    ids=["on the card's form", "for the receipt"],
)
def test_a_guest_with_his_address_paid(path: Path, more: dict[str, Any]) -> None:
    found, why = verdict(path, guests(**more))
    assert found
    assert "ch_1" in (why or "")


@pytest.mark.parametrize("more", [{}, {"billing_details": {"email": "other@acme.test"}}])
def test_another_guest_did_not(path: Path, more: dict[str, Any]) -> None:
    assert verdict(path, guests(**more)) == (False, None)


def test_a_customers_payment_is_his_whatever_address_stands_on_the_form(path: Path) -> None:
    paid = {**guests(billing_details={"email": ADDRESS}), "customer": "cus_other"}
    assert verdict(path, paid) == (False, None)


@pytest.mark.parametrize(
    "paid",
    [charge(1, None), charge(1, "cus_other"), guests(receipt_email=ADDRESS)],
    ids=["by a guest with the card", "by another customer with the card", "by a guest with the address"],
)
def test_whom_a_payment_concerns_is_told_when_it_comes(path: Path, paid: dict[str, Any]) -> None:
    with Writer(path) as writer:
        writer.write_objects(OWES, fetched_at=NOW)
        assert "cus_1" in writer.write_objects([paid], fetched_at=NOW).customers
        refused = {**paid, "id": "ch_2", "status": "failed"}
        assert "cus_1" not in writer.write_objects([refused], fetched_at=NOW).customers


def test_a_payer_who_came_along_expanded_is_a_namesake(path: Path) -> None:
    old = {"id": "cus_old", "object": "customer", "email": ADDRESS, "created": NOW - 400 * 86_400}
    paid = {**guests(), "customer": old}
    found, _ = verdict(path, paid)
    assert found, Finding.PAID_ELSEWHERE
