"""Rows 13 to 20: which card is there, and would Stripe charge it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ghl_triage.diagnosis import parse_payments
from ghl_triage.model import ActionKind, Actor, Cause
from tests.diagnosis.build import DAY, FINALIZED, HOUR, NOW, START, World, failing, refused, trial


def new_default(*, same: bool = False, fingerprint: str = "fp_new", code: str = "insufficient_funds") -> World:
    world = refused(code)
    if not same:
        world.card("pm_new", default="customer", created=NOW - DAY, fingerprint=fingerprint)
    return world


def default_since(at: int | None) -> World:
    """Tried without a charge; the customer's default was set at this time (None: no event tells)."""
    world = failing()
    world.card(default="customer")
    if at is not None:
        world.event("customer.updated", world.customer, at, {"invoice_settings": {"default_payment_method": None}})
    return world


def card_made_later() -> World:
    world = default_since(None)
    world.card("pm_visa", created=NOW - DAY)
    world.event("customer.updated", world.customer, START + HOUR)
    return world


def detached_default(*, other: bool = False) -> World:
    world = failing()
    world.card("pm_gone", attached=False, default="customer")
    if other:
        world.card("pm_other")
    return world


def cleared_default() -> World:
    """Detaching cleared the default; an event remembers its name."""
    world = failing()
    world.card("pm_gone", attached=False)
    before = {"invoice_settings": {"default_payment_method": "pm_gone"}}
    world.event("customer.updated", world.customer, FINALIZED - DAY, before)
    return world


def charged_then_detached(*, by_subscription: bool = True) -> World:
    world = failing()
    world.card("pm_gone", attached=False)
    if by_subscription:
        world.declined("pm_gone", "insufficient_funds")
    else:
        world.charge(payment_method="pm_gone", amount=100, created=START)
    return world


def shadowed(
    code: str = "insufficient_funds", *, newer: bool = True, exp_year: int = 2028, lower: bool = True
) -> World:
    world = failing()
    world.card("pm_top", default="sub_1", exp_year=exp_year)
    if lower:
        world.card("pm_low", default="customer", created=START + DAY if newer else START)
    world.declined("pm_top", code)
    return world


def loose_card(**card: Any) -> World:
    world = failing()
    world.card(**card)
    return world


def waiting_setup(status: str = "requires_action") -> World:
    world = trial(pending_setup_intent="seti_p")
    world.setup(None, status, id="seti_p")
    return world


def twin(*, attached: bool = True, exp_year: int = 2028, read: bool = True) -> World:
    other = World("cus_twin", "Jane@ACME.test")
    other.card("pm_twin", attached=attached, exp_year=exp_year)
    if not read:
        other.unread()
    return failing().namesake(other)


def sepa_only() -> World:
    world = failing(payment_settings={"payment_method_types": ["sepa_debit"]})
    world.card()
    world.objects["invoices"]["in_1"]["next_payment_attempt"] = NOW + DAY
    return world


def expiring(month: int) -> World:
    """A trial that ends on December 5th, with a card that is good until this month of 2025."""
    world = trial(trial_end=NOW + 12 * DAY)
    world.card(default="customer", exp_month=month, exp_year=2025)
    world.setup()
    return world


def expired_default(code: str) -> World:
    world = refused(code)
    world.card("pm_visa", exp_year=2024)
    return world


CASES: list[tuple[str, Callable[[], World], Cause | None]] = [
    ("another card is the default now", new_default, Cause.ALREADY_FIXED),
    ("the same card", lambda: new_default(same=True), Cause.SOFT_DECLINE),
    (
        "the same number after a soft code",
        lambda: new_default(fingerprint="fp_pm_visa"),
        Cause.ALREADY_FIXED,
    ),
    (
        "the lost card typed in again",
        lambda: new_default(fingerprint="fp_pm_visa", code="lost_card"),
        Cause.HARD_DECLINE,
    ),
    (
        "the expired card renewed under its number",
        lambda: new_default(fingerprint="fp_pm_visa", code="expired_card"),
        Cause.ALREADY_FIXED,
    ),
    ("a default since the attempt", lambda: default_since(NOW - DAY), Cause.ALREADY_FIXED),
    ("a default of unknown age", lambda: default_since(None), Cause.ALREADY_FIXED),
    ("a card made since the attempt", card_made_later, Cause.ALREADY_FIXED),
    ("the default stood there all along", lambda: default_since(FINALIZED - DAY), Cause.UNKNOWN),
    ("the default is detached", detached_default, Cause.PAYMENT_METHOD_DETACHED),
    ("the default was detached and cleared", cleared_default, Cause.PAYMENT_METHOD_DETACHED),
    ("the card charged last was detached", charged_then_detached, Cause.PAYMENT_METHOD_DETACHED),
    (
        "a card that was charged once and never belonged to the subscription",
        lambda: charged_then_detached(by_subscription=False),
        Cause.NO_PAYMENT_METHOD,
    ),
    ("an older default failed above a newer card", shadowed, Cause.DEFAULT_SHADOWED),
    ("a newer default failed above an older card", lambda: shadowed(newer=False), Cause.SOFT_DECLINE),
    ("a hard-declined default above a card", lambda: shadowed("lost_card", newer=False), Cause.DEFAULT_SHADOWED),
    ("an expired default above a card", lambda: shadowed(newer=False, exp_year=2024), Cause.DEFAULT_SHADOWED),
    ("nothing below the failed default", lambda: shadowed(lower=False), Cause.SOFT_DECLINE),
    ("a card that no level names", loose_card, Cause.CARD_NOT_DEFAULT),
    ("an expired card that no level names", lambda: loose_card(exp_year=2024), Cause.CARD_EXPIRED),
    ("a card of a type that is not taken", sepa_only, Cause.UNKNOWN),
    ("a set-up that waits", waiting_setup, Cause.SETUP_NOT_COMPLETED),
    ("a set-up without a card", lambda: waiting_setup("requires_payment_method"), Cause.SETUP_NOT_COMPLETED),
    ("a set-up that was canceled", lambda: waiting_setup("canceled"), Cause.NO_PAYMENT_METHOD),
    ("a card on a namesake", twin, Cause.CARD_ON_DUPLICATE_CUSTOMER),
    ("an expired card on a namesake", lambda: twin(exp_year=2024), Cause.NO_PAYMENT_METHOD),
    ("a detached card on a namesake", lambda: twin(attached=False), Cause.NO_PAYMENT_METHOD),
    ("no card at all", failing, Cause.NO_PAYMENT_METHOD),
    ("expired at the trial's end", lambda: expiring(11), Cause.CARD_EXPIRED),
    ("good until after the trial's end", lambda: expiring(12), None),
    ("the bank says expired", lambda: refused("expired_card"), Cause.CARD_EXPIRED),
    ("Stripe says expired", lambda: refused(None, code="expired_payment_method"), Cause.CARD_EXPIRED),
    ("expired and no reason given", lambda: expired_default("generic_decline"), Cause.CARD_EXPIRED),
    ("expired, but refused for funds", lambda: expired_default("insufficient_funds"), Cause.SOFT_DECLINE),
]


@pytest.mark.parametrize(("build", "cause"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_card_decides(build: Callable[[], World], cause: Cause | None) -> None:
    case = build().case()
    assert case.cause is cause
    assert case.pending is None


@pytest.mark.parametrize("build", [failing, trial, loose_card, twin, waiting_setup])
def test_no_verdict_on_missing_cards_before_they_were_listed(build: Callable[[], World]) -> None:
    case = build().unread().case()
    assert (case.cause, case.pending) == (None, "cards not read yet")
    assert "cards not read yet" in case.blocked[ActionKind.RETRY] or case.invoice is None
    assert case.actor is Actor.NOBODY


@pytest.mark.parametrize("build", [failing, lambda: refused("lost_card")])
def test_a_default_that_nobody_has_seen_is_no_ground_for_a_retry(build: Callable[[], World]) -> None:
    """It may be expired, or the refused card typed in again: a key that may not read PaymentMethods sees neither."""
    world = build()
    world.customer["invoice_settings"] = {"default_payment_method": "pm_unseen"}
    case = world.unread().case()
    assert (case.cause, case.pending, case.recommended) == (None, "cards not read yet", ())
    assert "cards not read yet" in case.blocked[ActionKind.RETRY]
    world.card("pm_unseen", fingerprint="fp_new")
    assert world.case().cause is Cause.ALREADY_FIXED


def test_no_verdict_on_missing_cards_before_the_namesakes_were_listed() -> None:
    assert twin(attached=False, read=False).case().pending == "cards not read yet"
    assert twin(read=False).case().cause is Cause.CARD_ON_DUPLICATE_CUSTOMER


def test_an_earlier_row_does_not_wait_for_cards() -> None:
    assert detached_default().unread().case().cause is Cause.PAYMENT_METHOD_DETACHED
    assert refused("insufficient_funds").unread().case().cause is Cause.SOFT_DECLINE


def test_no_verdict_on_an_attempt_before_its_payments_were_read() -> None:
    world = World()
    world.sub()
    world.invoice()
    world.card(default="customer")
    assert world.cover(invoice_payments_read=False).case().pending == "payments not read yet"
    assert world.cover(invoice_payments_read=True).case().cause is Cause.ALREADY_FIXED
    world.cover(invoice_payments_read=False)
    world.invoice(payments={"data": []})
    assert world.case().cause is Cause.ALREADY_FIXED


def test_nobody_acts_while_stripe_will_retry_the_new_card() -> None:
    world = new_default()
    assert world.case().actor is Actor.NOBODY
    world.objects["invoices"]["in_1"]["next_payment_attempt"] = None
    assert (world.case().actor, world.case().recommended) == (Actor.CONSULTANT, (ActionKind.RETRY,))


def test_who_mends_a_detached_card_depends_on_what_else_is_attached() -> None:
    alone, other = detached_default().case(), detached_default(other=True).case()
    assert (alone.actor, alone.recommended) == (Actor.CUSTOMER, (ActionKind.RESEND_LINK,))
    assert (other.actor, other.recommended) == (Actor.CONSULTANT, (ActionKind.FIX_DEFAULT, ActionKind.RETRY))
    assert other.candidate_payment_method == "pm_other"


def test_legacy_cards_are_methods_too() -> None:
    world = failing()
    world.customer["sources"] = {
        "data": [
            {
                "id": "card_1",
                "object": "card",
                "customer": "cus_jane",
                "exp_month": 1,
                "exp_year": 2030,
                "brand": "Visa",
                "last4": "4242",
            }
        ]
    }
    assert world.case().cause is Cause.CARD_NOT_DEFAULT
    world.customer["default_source"] = "card_1"
    case = world.case()
    assert (case.cause, case.effective_payment_method) == (Cause.ALREADY_FIXED, "card_1")


@pytest.mark.parametrize(
    ("old", "new"),
    [("Visa", "visa"), ("MasterCard", "mastercard"), ("American Express", "amex"), ("Diners Club", "diners")],
)
def test_an_old_card_has_the_brand_of_a_new_one(old: str, new: str) -> None:
    plain = {"id": "card_1", "object": "card", "brand": old}
    listed = {"id": "card_1", "object": "payment_method", "type": "card", "card": {"brand": new}}
    assert parse_payments.card(plain).brand == parse_payments.card(listed).brand == new


def test_a_loose_card_in_trial_asks_for_no_retry() -> None:
    world = trial()
    world.card()
    case = world.case()
    assert (case.cause, case.recommended) == (Cause.CARD_NOT_DEFAULT, (ActionKind.FIX_DEFAULT,))
