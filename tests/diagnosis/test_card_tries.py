"""How often a card was tried: whatever Stripe shows and whatever only our journal knows, each attempt once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl_triage.diagnosis.card_tries import MONTH, SAME_ATTEMPT, card_tries
from ghl_triage.diagnosis.dossier import Dossier
from ghl_triage.model import ActionKind, Coverage, OwnAttempt, Raw, Records
from tests.diagnosis.build import DAY, NOW
from tests.diagnosis.test_refusals import charged


def charge(number: int, at: int, card: str = "pm_1", **changes: Any) -> dict[str, Any]:
    return {
        "id": f"ch_{number}",
        "object": "charge",
        "customer": "cus_1",
        "payment_method": card,
        "created": at,
    } | changes


def card(name: str, fingerprint: str | None = None, customer: str = "cus_1") -> Raw:
    return {"id": name, "object": "payment_method", "customer": customer, "card": {"fingerprint": fingerprint}}


def tries(records: Records) -> list[int]:
    return card_tries(Dossier(records, Coverage()), "pm_1", NOW)


HIS = Records({"id": "cus_1", "object": "customer", "email": "a@b.test"})


@pytest.mark.parametrize(
    ("attempt", "counts"),
    [
        (OwnAttempt("in_1", "pm_1", NOW - DAY), True),
        (OwnAttempt("in_1", None, NOW - DAY), True),
        (OwnAttempt("in_1", "pm_2", NOW - DAY), False),
        (OwnAttempt("in_1", "pm_1", NOW - MONTH), False),
    ],
)
def test_a_retry_of_ours_counts_though_no_charge_of_it_was_read(attempt: OwnAttempt, counts: bool) -> None:
    assert tries(replace(HIS, own_attempts=(attempt,))) == ([attempt.at] if counts else [])


def test_a_charge_says_which_card_a_retry_without_one_took() -> None:
    other = charge(1, NOW - DAY, "pm_2")
    assert tries(replace(HIS, charges=(other,), own_attempts=(OwnAttempt("in_1", None, NOW - DAY),))) == []


def test_two_retries_at_once_of_which_one_charge_was_read_are_two() -> None:
    ours = (OwnAttempt("in_1", "pm_1", NOW - DAY), OwnAttempt("in_2", "pm_1", NOW - DAY + 1))
    assert len(tries(replace(HIS, charges=(charge(1, NOW - DAY),), own_attempts=ours))) == 2


def test_the_card_typed_in_again_and_with_another_customer_is_the_same_card() -> None:
    namesake = Records(
        {"id": "cus_2", "object": "customer", "email": "A@b.test"},
        payment_methods=(card("pm_9", "plastic", "cus_2"),),
        own_attempts=(OwnAttempt("in_9", "pm_9", NOW - 3 * DAY),),
    )
    mate = Records(
        {"id": "cus_3", "object": "customer", "email": "c@d.test"},
        payment_methods=(card("pm_8", "plastic", "cus_3"),),
        charges=(charge(8, NOW - 4 * DAY, "pm_8", customer="cus_3")
                 | {"payment_method_details": {"card": {"fingerprint": "plastic"}}},),
    )  # fmt: skip
    his = replace(
        HIS, payment_methods=(card("pm_1", "plastic"),), own_attempts=(OwnAttempt("in_1", "pm_1", NOW - DAY),)
    )
    assert tries(replace(his, namesakes=(namesake,), card_mates=(mate, namesake))) == [
        NOW - 4 * DAY,
        NOW - 3 * DAY,
        NOW - DAY,
    ]


def test_eight_of_ours_that_named_no_card_are_the_last() -> None:
    world = charged(5)
    unread = [OwnAttempt(f"in_{number}", None, NOW - (9 + number) * DAY) for number in range(3)]
    assert world.tried(*unread[:2]).case().blocked.get(ActionKind.RETRY) is None
    assert "8 attempts with this card" in world.tried(*unread).case().blocked[ActionKind.RETRY]


times = st.lists(st.integers(0, 29 * DAY), max_size=6)


@given(seen=times, ours=times)
def test_never_fewer_than_either_book_and_never_more_than_both(seen: list[int], ours: list[int]) -> None:
    charges = tuple(charge(number, NOW - age) for number, age in enumerate(seen))
    attempts = tuple(OwnAttempt(f"in_{number}", "pm_1", NOW - age) for number, age in enumerate(ours))
    found = tries(replace(HIS, charges=charges, own_attempts=attempts))
    assert max(len(seen), len(ours)) <= len(found) <= len(seen) + len(ours)
    apart = all(abs(a - b) > SAME_ATTEMPT for a in seen for b in ours)
    assert not apart or len(found) == len(seen) + len(ours)
    assert found == sorted(found)
