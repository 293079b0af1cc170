"""What is refused, why, and until when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ghl_triage.model import ActionKind, Caps, Finding, OwnAttempt
from tests.diagnosis.build import DAY, FINALIZED, HOUR, NOW, START, World, failing, refused, trial

RETRY = ActionKind.RETRY


def soft(**invoice: Any) -> World:
    """The default was refused for funds days ago: a retry is fine."""
    world = refused("insufficient_funds")
    world.objects["invoices"]["in_1"].update(invoice)
    return world


def disputed() -> World:
    world = soft()
    world.dispute(world.charge(created=START)["id"])
    return world


def with_status(status: str) -> World:
    world = soft(status="void")
    world.objects["subscriptions"]["sub_1"]["status"] = status
    return world


def expired() -> World:
    world = soft()
    world.card("pm_visa", exp_year=2024)
    return world


def fixed(**card: Any) -> World:
    world = refused("lost_card")
    world.card("pm_new", default="customer", **card)
    return world


def set_up_again(at: int) -> World:
    world = refused("authentication_required")
    world.setup(created=at)
    return world


def elsewhere(**changes: Any) -> World:
    world = soft()
    world.charge(**({"created": NOW - DAY} | changes))
    return world


def transacted(charge: str = "ch_elsewhere", **changes: Any) -> World:
    world = soft()
    world.transaction(charge, **changes)
    return world


def charged(times: int) -> World:
    world = soft()
    for number in range(times - 1):
        world.declined("pm_visa", "insufficient_funds", at=NOW - DAY - number * HOUR)
    return world


def no_invoice() -> World:
    world = World()
    world.sub()
    return world


def with_second(world: World) -> World:
    world.sub("active", "sub_2", latest_invoice=None)
    return world


def paused(world: World) -> World:
    pause = {"behavior": "void", "resumes_at": NOW + 8 * DAY}
    world.objects["subscriptions"]["sub_1"]["pause_collection"] = pause
    return world


def processing(world: World) -> World:
    world.intent(status="processing")
    return world


def loose() -> World:
    world = failing()
    world.card()
    return world


def detached() -> World:
    world = failing()
    world.card(attached=False, default="customer")
    return world


CASES: list[tuple[str, Callable[[], World], str | None]] = [
    ("funds, days ago", soft, None),
    ("disputed", disputed, "disputed"),
    ("duplicate", lambda: with_second(soft()), "cancel the duplicate first"),
    ("collection paused", lambda: paused(soft()), "collection is paused until Dec 01"),
    ("processing", lambda: processing(soft()), "processing"),
    ("check first", lambda: refused("duplicate_transaction"), "look for the payment"),
    ("draft", lambda: soft(status="draft"), "the invoice is draft"),
    ("void", lambda: soft(status="void"), "the invoice is void"),
    ("paid", lambda: soft(status="paid"), "the invoice is paid"),
    ("nothing left", lambda: soft(amount_remaining=0), "nothing is left"),
    ("canceled", lambda: with_status("canceled"), "the subscription is canceled"),
    ("given up", lambda: with_status("incomplete_expired"), "the subscription is incomplete_expired"),
    ("in trial", trial, "before the trial ends"),
    ("no invoice", no_invoice, "no invoice"),
    ("no card at all", failing, "send a link first"),
    ("card not default", loose, "fix_default first"),
    ("expired card", expired, "expired 08/2024"),
    ("detached card", detached, "detached"),
    ("lost card", lambda: refused("lost_card"), "lost_card"),
    ("a different card", fixed, None),
    ("the same card typed in again", lambda: fixed(fingerprint="fp_pm_visa"), "lost_card"),
    ("funds, but never again", lambda: refused("insufficient_funds", advice="do_not_try_again"), "for good"),
    (
        "blocked",
        lambda: refused("generic_decline", outcome="blocked", reason="rule"),
        "Stripe blocked this card (rule)",
    ),
    ("authentication", lambda: refused("authentication_required"), "authenticate"),
    ("authentication, set up since", lambda: set_up_again(NOW - DAY), None),
    ("authentication, set up before", lambda: set_up_again(START), "authenticate"),
    ("Stripe is next", lambda: soft(next_payment_attempt=NOW + 30 * 60), "until Nov 23"),
    ("Stripe is next in two hours", lambda: soft(next_payment_attempt=NOW + 2 * HOUR), None),
    ("paid elsewhere", elsewhere, "paid elsewhere"),
    ("another amount", lambda: elsewhere(amount=9_701), None),
    ("another currency", lambda: elsewhere(currency="eur"), None),
    ("refunded", lambda: elsewhere(amount_refunded=9_700), None),
    ("paid before it was finalised", lambda: elsewhere(created=FINALIZED - HOUR), None),
    ("failed elsewhere", lambda: elsewhere(status="failed"), None),
    ("paid in HighLevel", transacted, "paid elsewhere"),
    ("refunded in HighLevel", lambda: transacted(amountRefunded=97), None),
    ("refunded in part in HighLevel", lambda: transacted(amountRefunded=1), "paid elsewhere"),
    ("failed in HighLevel", lambda: transacted(status="failed"), None),
    ("HighLevel's word on this invoice", lambda: transacted("in_1"), None),
    ("HighLevel's test mode of a live one", lambda: transacted(liveMode=True), None),
    ("somebody else's transaction", lambda: transacted(contactEmail="other@else.test"), None),
    ("seven attempts", lambda: charged(7), None),
    ("eight attempts", lambda: charged(8), "8 attempts with this card in 30 days"),
    ("charges not read", lambda: soft().cover(charges_since=None), "charges were not read"),
]


@pytest.mark.parametrize(("build", "reason"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_retry_is_refused_with_its_reason(build: Callable[[], World], reason: str | None) -> None:
    refusal = build().case().blocked.get(RETRY)
    if reason is None:
        assert refusal is None
    else:
        assert refusal is not None
        assert reason in refusal


def test_our_own_retries_are_capped() -> None:
    def tries(*ages: int) -> str | None:
        attempts = [OwnAttempt("in_1", "pm_visa", NOW - age) for age in ages]
        return soft().tried(*attempts).case().blocked.get(RETRY)

    day = 24 * HOUR
    assert tries(25 * HOUR) is None
    assert "less than 24 hours ago: wait until Nov 23 13:13 UTC" in (tries(23 * HOUR) or "")
    assert tries(2 * day, 3 * day, 4 * day) is None
    assert "that is the limit" in (tries(2 * day, 3 * day, 4 * day, 5 * day) or "")
    assert soft().tried(OwnAttempt("in_other", "pm_else", NOW - HOUR)).case().blocked.get(RETRY) is None


def test_caps_are_settings() -> None:
    world = charged(3)
    assert world.case().blocked.get(RETRY) is None
    assert "3 attempts" in world.case(caps=Caps(attempts_per_card_30_days=3)).blocked[RETRY]


def test_an_attempt_of_ours_and_its_charge_count_once() -> None:
    world = charged(7)
    newest = max(charge["created"] for charge in world.objects["charges"].values())
    assert world.tried(OwnAttempt("in_other", "pm_visa", newest + 5)).case().blocked.get(RETRY) is None
    assert "8 attempts" in world.tried(OwnAttempt("in_other", "pm_visa", NOW - 20 * DAY)).case().blocked[RETRY]


def test_paid_elsewhere_is_a_finding_too() -> None:
    assert Finding.PAID_ELSEWHERE in elsewhere().case().findings
    assert Finding.PAID_ELSEWHERE not in soft().case().findings


def test_a_namesakes_payment_counts() -> None:
    other = World("cus_twin")
    other.charge(created=NOW - DAY)
    assert "paid elsewhere" in soft().namesake(other).case().blocked[RETRY]


def test_a_new_checkout_is_refused_while_the_old_invoice_is_payable() -> None:
    world = soft()
    world.objects["subscriptions"]["sub_1"] |= {
        "status": "canceled",
        "cancellation_details": {"reason": "payment_failed"},
    }
    assert "still payable" in world.case().blocked[ActionKind.RESEND_LINK]
    world.objects["invoices"]["in_1"]["status"] = "void"
    assert ActionKind.RESEND_LINK not in world.case().blocked


def test_no_link_is_sent_for_a_duplicate_or_a_payment_on_its_way() -> None:
    assert "duplicate" in with_second(soft()).case().blocked[ActionKind.RESEND_LINK]
    assert "processing" in processing(soft()).case().blocked[ActionKind.RESEND_LINK]


def test_an_undecided_case_is_not_retried() -> None:
    world = soft().unread()
    world.customer["invoice_settings"] = {}
    assert world.case().blocked[RETRY] == "cards not read yet: the verdict is still to come"
