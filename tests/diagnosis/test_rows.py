"""Each of the thirty-one rows of design.md section 5: where it holds, and where a single difference makes it miss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from ghl_triage.model import Cause, Path, Stage
from tests.diagnosis.build import DAY, FINALIZED, HOUR, NOW, START, World, failing, first_payment, price, refused, trial


@dataclass(frozen=True)
class Row:
    """A row of the table: where it holds, where it just misses, and what holds there instead."""

    number: int
    cause: Cause
    says: str
    holds: Callable[[], World]
    misses: Callable[[], World]
    instead: Cause | None
    stage: Stage = Stage.FAILING


def disputed(status: str) -> World:
    world = refused("insufficient_funds")
    world.dispute(world.charge(created=START + DAY, payment_method="pm_visa")["id"], status)
    return world


def lost_dispute(*, same_number: bool) -> World:
    world = refused("insufficient_funds")
    old = world.charge(created=START, payment_method="pm_before")
    old["payment_method_details"]["card"]["fingerprint"] = "fp_pm_visa" if same_number else "fp_other"
    world.dispute(old["id"], "lost")
    return world


def disputed_trial(status: str) -> World:
    world = trial()
    world.card(default="customer")
    world.setup()
    world.dispute(world.charge(created=START + DAY, payment_method="pm_visa")["id"], status)
    return world


def beside(price_id: str = "price_course", status: str = "active") -> World:
    world = refused("insufficient_funds")
    world.sub(status, "sub_2", items={"data": [{"id": "si_2", "quantity": 1, "price": price(price_id=price_id)}]})
    return world


def beside_namesake(email: str) -> World:
    other = World("cus_twin", email)
    other.sub("active", "sub_twin")
    return refused("insufficient_funds").namesake(other)


def canceled(reason: str | None, *, card: bool = False, days: int = 1) -> World:
    ended = NOW - DAY
    details = {"reason": reason}
    world = failing(status="canceled", cancellation_details=details, ended_at=ended, trial_end=ended - days * DAY)
    world.invoice(status="void")
    if card:
        world.card(default="customer")
    return world


def ended_first(status: str) -> World:
    world = failing(status=status, ended_at=NOW - DAY, cancellation_details={"reason": "cancellation_requested"})
    world.invoice(status="void")
    return world


def paused(kind: str | None, **changes: Any) -> World:
    world = World()
    world.sub("paused", status_details={"paused": {"subscription": {"type": kind}}}, **changes)
    return world


def with_intent(status: str) -> World:
    world = failing()
    world.card(default="customer")
    world.intent(status=status)
    return world


def invoiced(**changes: Any) -> World:
    """Past due; the card was made the default before its invoice, which was not tried yet."""
    world = World()
    world.sub()
    world.card(default="customer")
    world.invoice(**{"attempted": False, "status_transitions": {"finalized_at": NOW - 3 * HOUR}, **changes})
    return world


def mailed(**changes: Any) -> World:
    return invoiced(collection_method="send_invoice", attempted=True, next_payment_attempt=None, **changes)


def draft(**changes: Any) -> World:
    age = changes.pop("age", 3 * HOUR)
    return invoiced(**{"status": "draft", "created": NOW - age, "status_transitions": {}, **changes})


def advance_off(*, tried: bool) -> World:
    world = invoiced(auto_advance=False)
    if tried:
        world.setup()
        world.declined("pm_visa", "insufficient_funds")
    return world


def finalized(seconds: int) -> World:
    return invoiced(status_transitions={"finalized_at": NOW - seconds}, created=NOW - seconds - HOUR)


def another_default(*, tried_too: bool) -> World:
    world = refused("insufficient_funds")
    world.card("pm_new", default="customer", created=NOW - DAY)
    if tried_too:
        world.declined("pm_new", "insufficient_funds", at=NOW - HOUR)
    return world


def default_gone(*, gone: bool) -> World:
    world = failing()
    world.card(default="customer", attached=not gone)
    world.card("pm_beside", attached=False)
    return world


def charged_loose(after: int) -> World:
    """The card charged last, so long after the invoice was finalised, is not attached."""
    world = failing()
    world.card("pm_gone", attached=False)
    world.declined("pm_gone", "insufficient_funds", at=FINALIZED + after)
    return world


def challenge(*, proof: bool) -> World:
    """The bank's challenge waits, and the PaymentIntent names no card."""
    world = failing()
    world.card(default="customer")
    if proof:
        world.setup()
    world.intent(status="requires_action")
    return world


def above_another(*, below_attached: bool = True, same: bool = False) -> World:
    world = failing()
    world.card("pm_top", default="sub_1")
    if same:
        world.customer["invoice_settings"] = {"default_payment_method": "pm_top"}
    else:
        world.card("pm_low", default="customer", attached=below_attached, created=START + DAY)
    world.declined("pm_top", "lost_card")
    return world


def loose(**card: Any) -> World:
    world = failing()
    world.card(**card)
    return world


def waiting(status: str, *, default: bool = False) -> World:
    world = failing(pending_setup_intent="seti_p")
    world.setup(None, status, id="seti_p")
    if default:
        world.card(default="customer")
        world.setup()
        world.declined("pm_visa", "insufficient_funds")
    return world


def namesake(email: str = "JANE@acme.test", **card: Any) -> World:
    other = World("cus_twin", email)
    other.card("pm_twin", **card)
    return failing().namesake(other)


def expiring(month: int, decline: str | None = "generic_decline") -> World:
    """A card that is good until this month of 2025; it is November the 23rd."""
    world = refused(decline)
    world.card("pm_visa", exp_month=month, exp_year=2025)
    return world


def blocked(reason: str, outcome: str) -> World:
    return refused("generic_decline", outcome=outcome, reason=reason)


def indian(mandate: str) -> World:
    world = refused("generic_decline")
    world.card(country="IN")
    world.put("mandates", {"id": "mandate_1", "object": "mandate", "payment_method": "pm_visa", "status": mandate})
    return world


def wants_customer(usage: str) -> World:
    world = failing()
    world.card(default="customer")
    world.setup(usage=usage)
    world.declined("pm_visa", "authentication_required")
    return world


def latent(path: Path) -> World:
    world = trial()
    world.card(default="customer")
    return world.override(path)


def bare(next_attempt: int | None, code: str | None = None) -> World:
    world = refused(code)
    world.invoice(next_payment_attempt=next_attempt)
    return world


ROWS = [
    Row(
        1, Cause.DISPUTED, "open or closed", lambda: disputed("under_review"), lambda: disputed("won"),
        Cause.SOFT_DECLINE,
    ),
    Row(
        1, Cause.DISPUTED, "lost on this number or another", lambda: lost_dispute(same_number=True),
        lambda: lost_dispute(same_number=False), Cause.SOFT_DECLINE,
    ),
    Row(
        1, Cause.DISPUTED, "in trial", lambda: disputed_trial("warning_under_review"),
        lambda: disputed_trial("warning_closed"), None, Stage.AT_RISK,
    ),
    Row(
        2, Cause.DUPLICATE_SUBSCRIPTION, "same price or another", beside, lambda: beside("price_b"), Cause.SOFT_DECLINE,
    ),
    Row(
        2, Cause.DUPLICATE_SUBSCRIPTION, "open or over", lambda: beside(status="unpaid"),
        lambda: beside(status="incomplete_expired"), Cause.SOFT_DECLINE,
    ),
    Row(
        2, Cause.DUPLICATE_SUBSCRIPTION, "same address or another", lambda: beside_namesake("Jane@Acme.test"),
        lambda: beside_namesake("jane+b@acme.test"), Cause.SOFT_DECLINE,
    ),
    Row(
        3, Cause.FIRST_PAYMENT_EXPIRED, "run out or called off", lambda: ended_first("incomplete_expired"),
        lambda: ended_first("canceled"), None, Stage.LOST,
    ),
    Row(
        4, Cause.CANCELED_FOR_NONPAYMENT, "no card or one", lambda: canceled(None), lambda: canceled(None, card=True),
        None, Stage.LOST,
    ),
    Row(
        4, Cause.CANCELED_FOR_NONPAYMENT, "two days or three", lambda: canceled(None, days=2),
        lambda: canceled(None, days=3), None, Stage.LOST,
    ),
    Row(
        4, Cause.CANCELED_FOR_NONPAYMENT, "by Stripe or on request", lambda: canceled("payment_failed", card=True),
        lambda: canceled("cancellation_requested"), None, Stage.LOST,
    ),
    Row(
        5, Cause.COLLECTION_PAUSED, "paused or not", lambda: failing(pause_collection={"behavior": "void"}), failing,
        Cause.NO_PAYMENT_METHOD,
    ),
    Row(
        5, Cause.COLLECTION_PAUSED, "on request or by a failure", lambda: paused("pause_requested"),
        lambda: paused("first_payment_failure"), Cause.NO_PAYMENT_METHOD,
    ),
    Row(
        6, Cause.TRIAL_ENDED_WITHOUT_CARD, "for want of a card or by failures",
        lambda: paused("trial_end_without_payment_method"), lambda: paused("final_payment_failure"),
        Cause.NO_PAYMENT_METHOD,
    ),
    Row(
        7, Cause.PAYMENT_PROCESSING, "on its way or not", lambda: with_intent("processing"),
        lambda: with_intent("requires_payment_method"), Cause.ALREADY_FIXED,
    ),
    Row(
        8, Cause.INVOICE_SENT_NOT_CHARGED, "open or paid", mailed, lambda: mailed(status="paid", amount_remaining=0),
        Cause.UNKNOWN,
    ),
    Row(
        9, Cause.INVOICE_NOT_FINALIZED, "three hours or one", draft, lambda: draft(age=HOUR), Cause.UNKNOWN,
    ),
    Row(
        9, Cause.INVOICE_NOT_FINALIZED, "failed to finalise or young",
        lambda: draft(age=60, last_finalization_error={"code": "customer_tax_location_invalid"}),
        lambda: draft(age=60), Cause.UNKNOWN,
    ),
    Row(
        9, Cause.INVOICE_NOT_FINALIZED, "never tried or tried", lambda: advance_off(tried=False),
        lambda: advance_off(tried=True), Cause.SOFT_DECLINE,
    ),
    Row(
        10, Cause.NOT_ATTEMPTED_YET, "an hour ago or two", lambda: finalized(HOUR), lambda: finalized(2 * HOUR),
        Cause.UNKNOWN,
    ),
    Row(
        11, Cause.FIRST_PAYMENT_INCOMPLETE, "nothing tried or refused", first_payment,
        lambda: first_payment(decline="insufficient_funds"), Cause.SOFT_DECLINE,
    ),
    Row(
        12, Cause.AUTHENTICATION_REQUIRED, "the bank waits or nobody", lambda: first_payment("requires_action"),
        lambda: first_payment("requires_confirmation"), Cause.FIRST_PAYMENT_INCOMPLETE,
    ),
    Row(
        13, Cause.ALREADY_FIXED, "a new default, tried or not", lambda: another_default(tried_too=False),
        lambda: another_default(tried_too=True), Cause.SOFT_DECLINE,
    ),
    Row(
        14, Cause.PAYMENT_METHOD_DETACHED, "the default or another card", lambda: default_gone(gone=True),
        lambda: default_gone(gone=False), Cause.ALREADY_FIXED,
    ),
    Row(
        14, Cause.PAYMENT_METHOD_DETACHED, "charged by Stripe or on the page", lambda: charged_loose(60),
        lambda: charged_loose(DAY), Cause.NO_PAYMENT_METHOD,
    ),
    Row(
        15, Cause.DEFAULT_SHADOWED, "a card below or a detached one", above_another,
        lambda: above_another(below_attached=False), Cause.HARD_DECLINE,
    ),
    Row(
        15, Cause.DEFAULT_SHADOWED, "another card below or the same", above_another, lambda: above_another(same=True),
        Cause.HARD_DECLINE,
    ),
    Row(
        16, Cause.CARD_NOT_DEFAULT, "good or expired", loose, lambda: loose(exp_year=2024), Cause.CARD_EXPIRED,
    ),
    Row(
        17, Cause.SETUP_NOT_COMPLETED, "waiting or done", lambda: waiting("requires_confirmation"),
        lambda: waiting("succeeded"), Cause.NO_PAYMENT_METHOD,
    ),
    Row(
        17, Cause.SETUP_NOT_COMPLETED, "no default or one", lambda: waiting("requires_payment_method"),
        lambda: waiting("requires_payment_method", default=True), Cause.SOFT_DECLINE,
    ),
    Row(
        18, Cause.CARD_ON_DUPLICATE_CUSTOMER, "same address or another", namesake, lambda: namesake("kim@acme.test"),
        Cause.NO_PAYMENT_METHOD,
    ),
    Row(19, Cause.NO_PAYMENT_METHOD, "no card or one", failing, loose, Cause.CARD_NOT_DEFAULT),
    Row(
        20, Cause.CARD_EXPIRED, "last month or this", lambda: expiring(10), lambda: expiring(11), Cause.GENERIC_DECLINE,
    ),
    Row(
        20, Cause.CARD_EXPIRED, "no reason or one", lambda: expiring(10, None),
        lambda: expiring(10, "insufficient_funds"), Cause.SOFT_DECLINE,
    ),
    Row(
        21, Cause.BLOCKED_BY_STRIPE, "by Stripe or the issuer", lambda: blocked("moon_phase", "blocked"),
        lambda: blocked("moon_phase", "issuer_declined"), Cause.GENERIC_DECLINE,
    ),
    Row(
        21, Cause.BLOCKED_BY_STRIPE, "a rule or the CVC rule", lambda: blocked("rule", "blocked"),
        lambda: blocked("requested_block_on_incorrect_cvc", "blocked"), Cause.CARD_DATA_WRONG,
    ),
    Row(
        22, Cause.MANDATE_MISSING, "withdrawn or active", lambda: indian("inactive"), lambda: indian("active"),
        Cause.GENERIC_DECLINE,
    ),
    Row(
        23, Cause.NO_OFF_SESSION_SETUP, "set up for the wrong use or the right", lambda: wants_customer("on_session"),
        lambda: wants_customer("off_session"), Cause.AUTHENTICATION_REQUIRED,
    ),
    Row(
        23, Cause.NO_OFF_SESSION_SETUP, "own code or Checkout", lambda: latent(Path.API),
        lambda: latent(Path.CHECKOUT), None, Stage.AT_RISK,
    ),
    Row(
        24, Cause.AUTHENTICATION_REQUIRED, "set up or not", lambda: wants_customer("off_session"),
        lambda: wants_customer("on_session"), Cause.NO_OFF_SESSION_SETUP,
    ),
    Row(
        24, Cause.AUTHENTICATION_REQUIRED, "a challenge without a card's name", lambda: challenge(proof=True),
        lambda: challenge(proof=False), Cause.NO_OFF_SESSION_SETUP,
    ),
    Row(
        25, Cause.HARD_DECLINE, "never again or perhaps", lambda: refused("do_not_honor", advice="do_not_try_again"),
        lambda: refused("do_not_honor"), Cause.GENERIC_DECLINE,
    ),
    Row(
        25, Cause.HARD_DECLINE, "ask the issuer, no retry or later", lambda: refused("restricted_card"),
        lambda: refused("call_issuer"), Cause.GENERIC_DECLINE,
    ),
    Row(
        26, Cause.CARD_DATA_WRONG, "the code's or nobody's word", lambda: refused("incorrect_zip"),
        lambda: refused("generic_decline"), Cause.GENERIC_DECLINE,
    ),
    Row(
        27, Cause.SOFT_DECLINE, "later or no advice", lambda: refused("generic_decline", advice="try_again_later"),
        lambda: refused("generic_decline"), Cause.GENERIC_DECLINE,
    ),
    Row(
        28, Cause.GENERIC_DECLINE, "bare with retries or without", lambda: bare(NOW + DAY), lambda: bare(None),
        Cause.RETRIES_EXHAUSTED,
    ),
    Row(
        29, Cause.CHECK_FIRST, "just made or refused", lambda: refused("duplicate_transaction"),
        lambda: refused("transaction_duplicated"), Cause.UNKNOWN,
    ),
    Row(
        30, Cause.RETRIES_EXHAUSTED, "no code or a generic one", lambda: bare(None),
        lambda: bare(None, "do_not_honor"), Cause.GENERIC_DECLINE,
    ),
    Row(
        31, Cause.UNKNOWN, "unlisted, retries over or not", lambda: bare(None, "moon_phase"),
        lambda: bare(None), Cause.RETRIES_EXHAUSTED,
    ),
]  # fmt: skip


def test_no_row_is_left_out() -> None:
    assert [row.number for row in ROWS] == sorted(row.number for row in ROWS)
    assert {row.number for row in ROWS} == set(range(1, 32))


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.number} {row.says}" for row in ROWS])
def test_a_row_holds_and_just_misses(row: Row) -> None:
    case = row.holds().case()
    assert (case.cause, case.stage, case.pending) == (row.cause, row.stage, None)
    assert case.evidence
    near = row.misses().case()
    assert (near.cause, near.pending) == (row.instead, None)
