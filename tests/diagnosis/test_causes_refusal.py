"""Rows 21 to 31: why the charge was refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ghl_triage.model import ActionKind, Actor, Cause, Path
from tests.diagnosis.build import DAY, FINALIZED, NOW, START, World, failing, refused, trial


def blocked(reason: str | None, *, outcome: str = "blocked", decline: str = "generic_decline") -> World:
    return refused(decline, outcome=outcome, reason=reason)


def indian(code: str | None, *, mandate: str | None = None) -> World:
    world = refused(code) if code else failing()
    world.card(default="customer", country="IN")
    if mandate:
        world.put("mandates", {"id": "mandate_1", "object": "mandate", "payment_method": "pm_visa", "status": mandate})
    return world


def indian_skipped(at: int) -> World:
    """Tried without a charge, an Indian card being the default since this time."""
    world = indian(None)
    world.event("customer.updated", world.customer, at, {"invoice_settings": {"default_payment_method": None}})
    return world


def unproven(code: str = "authentication_required", **setup: Any) -> World:
    world = failing()
    world.card(default="customer")
    if setup:
        world.setup("pm_visa", **setup)
    world.declined("pm_visa", code)
    return world


def paid_for_later(status: str = "succeeded", usage: str | None = "off_session") -> World:
    world = unproven()
    check = world.intent(None, status="canceled", setup_future_usage=usage, payment_method="pm_visa")
    world.charge(check, status=status, amount=100, amount_refunded=100, created=START, payment_method="pm_visa")
    return world


def waits_for_bank(*, proof: bool) -> World:
    world = failing()
    world.card(default="customer")
    if proof:
        world.setup()
    world.intent(status="requires_action", payment_method="pm_visa")
    return world


def latent(path: Path | None = None, *, proof: bool = False, pending: bool = False) -> World:
    world = trial(pending_setup_intent="seti_p" if pending else None)
    world.card(default="customer")
    if proof:
        world.setup()
    if pending:
        world.setup("pm_visa", "requires_action", id="seti_p")
    return world.override(path) if path else world


def exhausted(code: str | None = None, *, error: bool = False) -> World:
    world = failing(status="unpaid")
    world.card(default="customer", exp_year=2028)
    world.invoice(next_payment_attempt=None)
    if error:
        world.declined("pm_visa", code)
    return world


CASES: list[tuple[str, Callable[[], World], Cause | None]] = [
    ("Radar's rule", lambda: blocked("rule"), Cause.BLOCKED_BY_STRIPE),
    (
        "highest risk, told as fraudulent",
        lambda: blocked("highest_risk_level", decline="fraudulent"),
        Cause.BLOCKED_BY_STRIPE,
    ),
    ("a block of tomorrow", lambda: blocked("moon_phase"), Cause.BLOCKED_BY_STRIPE),
    ("reason of a block, type unsaid", lambda: blocked("rule", outcome="invalid"), Cause.BLOCKED_BY_STRIPE),
    ("the account's CVC rule", lambda: blocked("requested_block_on_incorrect_cvc"), Cause.CARD_DATA_WRONG),
    ("refused by the issuer", lambda: refused("generic_decline"), Cause.GENERIC_DECLINE),
    ("Indian card, generic", lambda: indian("generic_decline"), Cause.MANDATE_MISSING),
    ("Indian card, authentication", lambda: indian("authentication_required"), Cause.MANDATE_MISSING),
    ("Indian card, funds", lambda: indian("insufficient_funds"), Cause.SOFT_DECLINE),
    ("Indian card with a mandate", lambda: indian("generic_decline", mandate="active"), Cause.GENERIC_DECLINE),
    ("Indian card, mandate withdrawn", lambda: indian("generic_decline", mandate="inactive"), Cause.MANDATE_MISSING),
    ("Indian card, passed over", lambda: indian_skipped(START), Cause.MANDATE_MISSING),
    ("Indian card, default since", lambda: indian_skipped(NOW - DAY), Cause.ALREADY_FIXED),
    ("mandate error", lambda: refused(None, code="payment_intent_mandate_invalid"), Cause.MANDATE_MISSING),
    ("attached only", unproven, Cause.NO_OFF_SESSION_SETUP),
    ("set up for on-session use", lambda: unproven(usage="on_session"), Cause.NO_OFF_SESSION_SETUP),
    ("set-up failed", lambda: unproven(status="requires_payment_method"), Cause.NO_OFF_SESSION_SETUP),
    ("set up", lambda: unproven(status="succeeded"), Cause.AUTHENTICATION_REQUIRED),
    ("paid for later use", paid_for_later, Cause.AUTHENTICATION_REQUIRED),
    ("a payment for later use that failed", lambda: paid_for_later("failed"), Cause.NO_OFF_SESSION_SETUP),
    ("a payment for now", lambda: paid_for_later(usage=None), Cause.NO_OFF_SESSION_SETUP),
    ("waits for the bank, attached only", lambda: waits_for_bank(proof=False), Cause.NO_OFF_SESSION_SETUP),
    ("waits for the bank, set up", lambda: waits_for_bank(proof=True), Cause.AUTHENTICATION_REQUIRED),
    ("trial, attached only", latent, Cause.NO_OFF_SESSION_SETUP),
    ("trial of an unknown path, attached only", lambda: latent(Path.UNKNOWN), Cause.NO_OFF_SESSION_SETUP),
    ("trial of HighLevel, attached only", lambda: latent(Path.HIGHLEVEL), None),
    ("trial, set up", lambda: latent(proof=True), None),
    ("trial of HighLevel, set-up unfinished", lambda: latent(Path.HIGHLEVEL, pending=True), Cause.NO_OFF_SESSION_SETUP),
    ("lost", lambda: refused("lost_card"), Cause.HARD_DECLINE),
    ("not supported", lambda: refused("card_not_supported"), Cause.HARD_DECLINE),
    ("not permitted", lambda: refused("not_permitted"), Cause.HARD_DECLINE),
    ("a PIN at a counter", lambda: refused("offline_pin_required"), Cause.HARD_DECLINE),
    ("funds, but never again", lambda: refused("insufficient_funds", advice="do_not_try_again"), Cause.HARD_DECLINE),
    ("wrong number", lambda: refused("incorrect_number"), Cause.CARD_DATA_WRONG),
    ("generic, check the data", lambda: refused("generic_decline", advice="confirm_card_data"), Cause.CARD_DATA_WRONG),
    ("funds", lambda: refused("insufficient_funds"), Cause.SOFT_DECLINE),
    ("issuer away", lambda: refused("issuer_not_available"), Cause.SOFT_DECLINE),
    ("generic, later", lambda: refused("do_not_honor", advice="try_again_later"), Cause.SOFT_DECLINE),
    ("generic", lambda: refused("do_not_honor"), Cause.GENERIC_DECLINE),
    ("a local method's code", lambda: refused("partner_generic_decline"), Cause.GENERIC_DECLINE),
    ("bare, Stripe goes on", lambda: refused(None), Cause.GENERIC_DECLINE),
    ("bare, retries over", lambda: exhausted(error=True), Cause.RETRIES_EXHAUSTED),
    ("just charged", lambda: refused("duplicate_transaction"), Cause.CHECK_FIRST),
    ("a code of tomorrow", lambda: refused("moon_phase"), Cause.UNKNOWN),
    ("a code of tomorrow, retries over", lambda: exhausted("moon_phase", error=True), Cause.UNKNOWN),
    ("a test card in live mode", lambda: refused("testmode_decline"), Cause.UNKNOWN),
]


@pytest.mark.parametrize(("build", "cause"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_refusal_decides(build: Callable[[], World], cause: Cause | None) -> None:
    case = build().case()
    assert case.cause is cause
    assert case.pending is None


def test_only_another_card_mends_a_block_on_this_one() -> None:
    for reason in ("previously_declined_do_not_retry", "low_probability_of_authorization"):
        case = blocked(reason).case()
        assert (case.actor, case.recommended) == (Actor.CUSTOMER, (ActionKind.RESEND_LINK,))
    case = blocked("rule").case()
    assert (case.actor, case.recommended) == (Actor.CONSULTANT, ())


def test_proof_is_looked_up_for_a_card_older_than_the_window() -> None:
    world = unproven()
    world.card("pm_visa", created=NOW - 90 * DAY)
    assert world.case().pending == "set-ups not read yet"
    world.extra["proof_read_for"] = frozenset({"pm_visa"})
    assert world.case().cause is Cause.NO_OFF_SESSION_SETUP


def test_a_trial_is_no_alarm_while_the_set_ups_are_on_their_way() -> None:
    loading = latent().cover(setup_intents_since=None).case()
    assert (loading.stage, loading.pending) == ("healthy", "set-ups not read yet")
    world = latent()
    world.card("pm_visa", created=NOW - 90 * DAY)
    assert (world.case().stage, world.case().pending) == ("at_risk", "set-ups not read yet")


def test_a_card_charged_last_is_the_one_that_counts() -> None:
    world = refused("insufficient_funds", at=FINALIZED + 60)
    world.declined("pm_visa", "lost_card", at=FINALIZED + DAY)
    case = world.case()
    assert (case.cause, case.decline_code, case.attempts) == (Cause.HARD_DECLINE, "lost_card", 2)
    assert case.failed_at == FINALIZED + DAY


def test_a_refusal_without_a_charge_is_read_from_the_payment_intent() -> None:
    world = failing()
    world.card(default="customer")
    world.setup()
    intent = world.intent_of("in_1")
    assert intent is not None
    intent["last_payment_error"] = {
        "code": "payment_intent_authentication_failure",
        "payment_method": {"id": "pm_visa"},
    }
    case = world.case()
    assert (case.cause, case.attempts, case.failed_at) == (Cause.AUTHENTICATION_REQUIRED, 0, FINALIZED)


def test_nobody_acts_on_a_soft_decline_while_stripe_retries() -> None:
    world = refused("insufficient_funds")
    assert (world.case().actor, world.case().recommended) == (Actor.NOBODY, (ActionKind.RETRY,))
    world.objects["invoices"]["in_1"]["next_payment_attempt"] = None
    assert world.case().actor is Actor.CONSULTANT
