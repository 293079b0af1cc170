"""How trials end: with a charge that works, one that is refused, or nothing to charge."""

from __future__ import annotations

import pytest

from ghl_triage.sandbox.engine.api import CardSpec, StripeError
from ghl_triage.sandbox.engine.beliefs import Beliefs
from ghl_triage.sandbox.engine.cards import INSUFFICIENT_FUNDS
from tests.sandbox.shop import CHARGED, DAY, HOUR, START, TRIAL, Shop

SCA = "tok_authenticationRequiredOnSetup"


def test_a_trial_begins_with_a_free_invoice_that_has_no_payment_intent() -> None:
    shop = Shop()
    subscription = shop.trial()
    assert shop.subscription(subscription)["status"] == "trialing"
    first = shop.invoice(subscription)
    assert (first["status"], first["amount_due"], first["attempted"]) == ("paid", 0, True)
    assert list(shop.engine.list("payment_intent")) == []
    assert list(shop.engine.list("invoice_payment", {"invoice": first["id"]})) == []


def test_a_trial_with_a_good_card_converts_an_hour_after_its_end() -> None:
    shop = Shop()
    subscription = shop.trial()
    shop.engine.clock.advance(TRIAL)
    draft = shop.invoice(subscription)
    assert (shop.subscription(subscription)["status"], draft["status"]) == ("active", "draft")
    assert draft["automatically_finalizes_at"] == draft["next_payment_attempt"] == START + CHARGED
    shop.engine.clock.advance(HOUR)
    paid = shop.invoice(subscription)
    assert (paid["status"], paid["attempt_count"], paid["amount_remaining"]) == ("paid", 1, 0)
    assert paid["billing_reason"] == "subscription_cycle"
    assert paid["parent"]["subscription_details"]["subscription"] == subscription
    assert shop.taken() == [(paid["id"], 9700)]
    [payment] = shop.engine.list("invoice_payment", {"invoice": paid["id"]})
    assert (payment["status"], payment["amount_paid"]) == ("paid", 9700)


def test_a_card_that_was_only_attached_is_refused_for_want_of_authentication() -> None:
    shop = Shop()
    subscription = shop.trial(SCA)
    shop.engine.clock.advance(CHARGED)
    assert shop.subscription(subscription)["status"] == "past_due"
    assert shop.failures(subscription) == ["authentication_required"]
    invoice = shop.invoice(subscription)
    assert (invoice["status"], invoice["attempted"], invoice["attempt_count"]) == ("open", True, 1)
    [payment] = shop.engine.list("invoice_payment", {"status": "open"})
    intent = shop.engine.get("payment_intent", payment["payment"]["payment_intent"])
    assert intent["last_payment_error"]["decline_code"] == "authentication_required"
    assert shop.events("invoice.payment_action_required")


def test_the_same_card_works_once_it_was_set_up() -> None:
    shop = Shop()
    subscription = shop.trial(SCA, set_up=True)
    shop.engine.clock.advance(CHARGED)
    assert shop.subscription(subscription)["status"] == "active"
    assert shop.failures(subscription) == []
    [intent] = shop.engine.list("setup_intent")
    assert (intent["status"], intent["usage"]) == ("succeeded", "off_session")
    attempt = shop.engine.get("setup_attempt", intent["latest_attempt"])
    assert attempt["payment_method_details"]["card"]["three_d_secure"]["result"] == "authenticated"


def test_a_card_that_is_attached_but_no_default_is_never_charged() -> None:
    shop = Shop()
    customer = shop.customer()
    shop.attach(customer, default=False)
    subscription = shop.subscribe(customer)
    shop.engine.clock.advance(CHARGED + 20 * DAY)
    invoice = shop.invoice(subscription)
    assert shop.subscription(subscription)["status"] == "past_due"
    assert (invoice["attempted"], invoice["next_payment_attempt"]) == (True, None)
    assert list(shop.engine.list("charge")) == []


@pytest.mark.parametrize(
    ("behavior", "status"), [("create_invoice", "past_due"), ("pause", "paused"), ("cancel", "canceled")]
)
def test_without_a_card_the_trial_ends_as_its_settings_say(behavior: str, status: str) -> None:
    shop = Shop()
    settings = {"end_behavior": {"missing_payment_method": behavior}}
    subscription = shop.subscribe(shop.customer(), trial_settings=settings)
    shop.engine.clock.advance(CHARGED)
    ended = shop.subscription(subscription)
    assert ended["status"] == status
    if status == "paused":
        kind = ended["status_details"]["paused"]["subscription"]["type"]
        assert kind == "trial_end_without_payment_method"
    if status == "canceled":
        assert (ended["ended_at"], ended["cancellation_details"]["reason"]) == (START + TRIAL, None)


def test_a_paused_trial_goes_on_when_it_is_resumed_with_a_card() -> None:
    shop = Shop()
    customer = shop.customer()
    settings = {"end_behavior": {"missing_payment_method": "pause"}}
    subscription = shop.subscribe(customer, trial_settings=settings)
    shop.engine.clock.advance(CHARGED)
    with pytest.raises(StripeError, match="no attached payment source"):
        shop.engine.resume_subscription(subscription)
    shop.set_up(customer)
    resumed = shop.engine.resume_subscription(subscription)
    assert (resumed["status"], resumed["status_details"]) == ("active", None)
    assert shop.taken() == [(resumed["latest_invoice"], 9700)]


def test_a_resumption_that_is_refused_stays_paused_and_is_given_up_after_a_day() -> None:
    shop = Shop()
    customer = shop.customer()
    settings = {"end_behavior": {"missing_payment_method": "pause"}}
    subscription = shop.subscribe(customer, trial_settings=settings)
    shop.engine.clock.advance(CHARGED)
    shop.attach(customer, "tok_chargeCustomerFail")
    assert shop.engine.resume_subscription(subscription)["status"] == "paused"
    assert shop.invoice(subscription)["status"] == "open"
    shop.engine.clock.advance(DAY)
    assert shop.invoice(subscription)["status"] == "void"
    assert shop.subscription(subscription)["status"] == "paused"


def test_a_trial_asked_for_incomplete_waits_for_a_set_up() -> None:
    shop = Shop()
    settings = {"save_default_payment_method": "on_subscription"}
    subscription = shop.subscribe(shop.customer(), payment_behavior="default_incomplete", payment_settings=settings)
    waiting = shop.engine.get("setup_intent", shop.subscription(subscription)["pending_setup_intent"])
    assert waiting["status"] == "requires_payment_method"
    shop.engine.confirm_setup_intent(waiting["id"], {"payment_method": shop.card()})
    ready = shop.subscription(subscription)
    assert ready["pending_setup_intent"] is None
    assert ready["default_payment_method"] == shop.engine.get("setup_intent", waiting["id"])["payment_method"]
    shop.engine.clock.advance(CHARGED)
    assert shop.subscription(subscription)["status"] == "active"


def test_an_abandoned_challenge_leaves_the_subscription_waiting() -> None:
    shop = Shop()
    customer = shop.customer()
    shop.attach(customer, SCA)
    subscription = shop.subscribe(customer)
    pending = shop.subscription(subscription)["pending_setup_intent"]
    shop.engine.authenticate(pending, "abandon")
    intent = shop.engine.get("setup_intent", pending)
    assert intent["status"] == "requires_action"
    assert shop.engine.get("setup_attempt", intent["latest_attempt"])["status"] == "abandoned"
    shop.engine.authenticate(pending, "pass")
    assert shop.subscription(subscription)["pending_setup_intent"] is None


def test_an_expired_card_is_refused_at_the_charge() -> None:
    shop = Shop()
    subscription = shop.trial(CardSpec(exp_month=11, exp_year=2025))  # the trial ends on 20 December
    shop.engine.clock.advance(CHARGED)
    assert shop.failures(subscription) == ["expired_card"]


def test_the_end_of_a_trial_is_announced_three_days_before() -> None:
    shop = Shop()
    subscription = shop.trial()
    shop.engine.clock.advance(CHARGED)
    [event] = shop.events("customer.subscription.trial_will_end")
    assert (event["created"], event["data"]["object"]["id"]) == (START + TRIAL - 3 * DAY, subscription)
    assert event["request"] == {"id": None, "idempotency_key": None}


def test_a_stretched_trial_ends_later() -> None:
    shop = Shop()
    subscription = shop.trial()
    shop.engine.update_subscription(subscription, {"trial_end": str(START + TRIAL + 3 * DAY)})
    shop.engine.clock.advance(CHARGED)
    assert shop.subscription(subscription)["status"] == "trialing"
    shop.engine.clock.advance(3 * DAY)
    assert shop.subscription(subscription)["status"] == "active"
    assert len(shop.taken()) == 1


def test_an_indian_card_without_a_mandate_is_refused_or_not_even_tried() -> None:
    for beliefs, failures in ((Beliefs(), ["authentication_required"]), (Beliefs(indian_cards="skipped"), [])):
        shop = Shop(beliefs)
        subscription = shop.trial(CardSpec(country="IN"))
        shop.engine.clock.advance(CHARGED + 20 * DAY)
        assert shop.subscription(subscription)["status"] == "past_due"
        assert shop.failures(subscription) == failures


def test_a_withdrawn_mandate_fails_without_a_charge() -> None:
    shop = Shop()
    customer = shop.customer()
    session = shop.checkout("setup", customer=customer, currency="inr")
    shop.engine.complete_checkout_session(session, {"card": shop.engine.issue_card(CardSpec(country="IN"))})
    [intent] = shop.engine.list("setup_intent")
    shop.make_default(customer, intent["payment_method"])
    subscription = shop.subscribe(customer)
    shop.engine.set_mandate(intent["mandate"], {"status": "inactive"})
    shop.engine.clock.advance(CHARGED)
    [payment] = shop.engine.list("payment_intent")
    assert payment["last_payment_error"]["code"] == "payment_intent_mandate_invalid"
    assert list(shop.engine.list("charge")) == []
    assert shop.subscription(subscription)["status"] == "past_due"


def test_a_bank_debit_is_processing_for_days() -> None:
    shop = Shop()
    for spec, status in (
        (CardSpec("6789", type="us_bank_account"), "active"),
        (CardSpec("6789", type="us_bank_account", charge=INSUFFICIENT_FUNDS), "past_due"),
    ):
        subscription = shop.trial(spec, set_up=True)
        shop.engine.clock.advance(CHARGED + HOUR)
        [payment] = shop.engine.list("invoice_payment", {"invoice": shop.invoice(subscription)["id"]})
        assert shop.engine.get("payment_intent", payment["payment"]["payment_intent"])["status"] == "processing"
        with pytest.raises(StripeError, match="processing"):
            shop.engine.pay_invoice(payment["invoice"])
        shop.engine.clock.advance(5 * DAY)
        assert shop.subscription(subscription)["status"] == status
