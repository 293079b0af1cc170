"""Collecting open invoices: Stripe's retries, payments by hand, and that nothing is ever paid twice."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any, Literal

import pytest

from ghl_triage.sandbox.engine.api import CardSpec, StripeError
from ghl_triage.sandbox.engine.beliefs import Beliefs, RetryPolicy
from ghl_triage.sandbox.engine.cards import AUTHENTICATION_REQUIRED, GOOD, INSUFFICIENT_FUNDS, LOST, RADAR_RULE
from ghl_triage.sandbox.engine.collection import effective
from tests.sandbox.shop import CHARGED, DAY, START, Shop

POOR = CardSpec("0341", charge=INSUFFICIENT_FUNDS)
FIRST_TRY = START + CHARGED


@pytest.mark.parametrize(("end", "status"), [("cancel", "canceled"), ("unpaid", "unpaid"), ("past_due", "past_due")])
def test_retries_keep_their_times_and_end_as_the_settings_say(
    end: Literal["cancel", "unpaid", "past_due"], status: str
) -> None:
    shop = Shop(Beliefs(retry=RetryPolicy((3 * DAY, 5 * DAY), end)))
    subscription = shop.trial(POOR)
    shop.engine.clock.advance(CHARGED)
    assert shop.invoice(subscription)["next_payment_attempt"] == FIRST_TRY + 3 * DAY
    shop.engine.clock.advance(3 * DAY)
    invoice = shop.invoice(subscription)
    assert (invoice["attempt_count"], invoice["next_payment_attempt"]) == (2, FIRST_TRY + 5 * DAY)
    shop.engine.clock.advance(2 * DAY)
    invoice = shop.invoice(subscription)
    assert (invoice["status"], invoice["attempt_count"], invoice["next_payment_attempt"]) == ("open", 3, None)
    times = [charge["created"] - FIRST_TRY for charge in shop.engine.list("charge")]
    assert times == [5 * DAY, 3 * DAY, 0]
    ended = shop.subscription(subscription)
    assert ended["status"] == status
    assert ended["cancellation_details"]["reason"] == ("payment_failed" if end == "cancel" else None)


def test_a_retry_succeeds_once_there_are_funds() -> None:
    shop = Shop()
    subscription = shop.trial(POOR)
    shop.engine.clock.advance(CHARGED)
    [method] = shop.engine.list("payment_method")
    shop.engine.set_bank(method["id"], GOOD)
    shop.engine.clock.advance(3 * DAY)
    assert shop.invoice(subscription)["attempt_count"] == 2
    assert shop.subscription(subscription)["status"] == "active"
    shop.engine.clock.advance(20 * DAY)
    assert len(shop.taken()) == 1


def test_after_a_hard_code_retries_wait_for_another_card() -> None:
    shop = Shop()
    subscription = shop.trial(CardSpec("0341", charge=LOST))
    shop.engine.clock.advance(CHARGED + 4 * DAY)
    invoice = shop.invoice(subscription)
    assert (invoice["attempt_count"], invoice["next_payment_attempt"]) == (1, FIRST_TRY + 5 * DAY)
    assert shop.failures(subscription) == ["lost_card"]
    shop.set_up(shop.subscription(subscription)["customer"])
    shop.engine.clock.advance(2 * DAY)
    assert shop.subscription(subscription)["status"] == "active"


def test_unpaid_subscriptions_leave_later_invoices_as_drafts() -> None:
    shop = Shop(Beliefs(retry=RetryPolicy((3 * DAY,), "unpaid")))
    subscription = shop.trial(POOR)
    shop.engine.clock.advance(CHARGED + 40 * DAY)
    invoice = shop.invoice(subscription)
    assert (invoice["status"], invoice["auto_advance"]) == ("draft", False)
    assert invoice["created"] == shop.subscription(subscription)["items"]["data"][0]["current_period_start"]


def test_a_payment_by_hand_is_refused_and_then_accepted() -> None:
    shop = Shop()
    subscription = shop.trial(POOR)
    shop.engine.clock.advance(CHARGED)
    invoice = shop.invoice(subscription)["id"]
    with pytest.raises(StripeError) as refused:
        shop.engine.pay_invoice(invoice)
    error = refused.value
    assert (error.status, error.type, error.code) == (402, "card_error", "card_declined")
    assert (error.decline_code, error.advice_code) == ("insufficient_funds", "try_again_later")
    assert shop.engine.get("charge", error.charge or "")["failure_code"] == "card_declined"
    assert shop.engine.get("invoice", invoice)["attempt_count"] == 1, "attempts by hand are not counted"
    card = shop.attach(shop.subscription(subscription)["customer"], default=False)
    paid = shop.engine.pay_invoice(invoice, {"payment_method": card, "off_session": "true"})
    assert (paid["status"], paid["amount_remaining"], paid["next_payment_attempt"]) == ("paid", 0, None)
    assert shop.subscription(subscription)["status"] == "active"
    customer = shop.engine.get("customer", paid["customer"])
    assert customer["invoice_settings"]["default_payment_method"] != card, "paying with a card makes it no default"


def test_nothing_is_paid_twice() -> None:
    shop = Shop()
    subscription = shop.trial()
    shop.engine.clock.advance(CHARGED)
    paid = shop.invoice(subscription)
    with pytest.raises(StripeError, match="Invoice is already paid"):
        shop.engine.pay_invoice(paid["id"])
    with pytest.raises(StripeError):
        shop.engine.pay_hosted_invoice(paid["id"], {"card": "tok_visa"})
    [intent] = shop.engine.list("payment_intent")
    with pytest.raises(StripeError) as refused:
        shop.engine.confirm_payment_intent(intent["id"], {"payment_method": shop.card()})
    assert refused.value.code == "payment_intent_unexpected_state"
    assert shop.taken() == [(paid["id"], 9700)]
    assert shop.engine.double_paid() == ()


def test_without_any_method_a_payment_by_hand_says_so() -> None:
    shop = Shop()
    subscription = shop.subscribe(shop.customer())
    shop.engine.clock.advance(CHARGED)
    with pytest.raises(StripeError, match="no attached payment source or default payment method"):
        shop.engine.pay_invoice(shop.invoice(subscription)["id"])


def test_drafts_and_voided_invoices_are_not_payable() -> None:
    shop = Shop()
    subscription = shop.trial(POOR)
    shop.engine.clock.advance(CHARGED - 60)
    draft = shop.invoice(subscription)["id"]
    with pytest.raises(StripeError, match="draft"):
        shop.engine.pay_invoice(draft)
    shop.engine.clock.advance(60)
    shop.engine.void_invoice(draft)
    with pytest.raises(StripeError, match="voided"):
        shop.engine.pay_invoice(draft)
    [intent] = shop.engine.list("payment_intent")
    assert (intent["status"], intent["cancellation_reason"]) == ("canceled", "void_invoice")


def test_an_uncollectible_invoice_can_still_be_paid() -> None:
    shop = Shop()
    subscription = shop.trial(POOR)
    shop.engine.clock.advance(CHARGED)
    invoice = shop.invoice(subscription)["id"]
    shop.engine.mark_invoice_uncollectible(invoice)
    card = shop.attach(shop.subscription(subscription)["customer"])
    assert shop.engine.pay_invoice(invoice, {"payment_method": card})["status"] == "paid"


def test_paying_an_older_invoice_brings_money_but_not_access() -> None:
    shop = Shop()
    subscription = shop.trial(POOR)
    shop.engine.clock.advance(CHARGED)
    older = shop.invoice(subscription)["id"]
    shop.engine.clock.advance(32 * DAY)
    card = shop.attach(shop.subscription(subscription)["customer"])
    assert shop.invoice(subscription)["id"] != older
    shop.engine.pay_invoice(older, {"payment_method": card})
    assert shop.subscription(subscription)["status"] == "past_due"
    shop.engine.pay_invoice(shop.invoice(subscription)["id"], {"payment_method": card})
    assert shop.subscription(subscription)["status"] == "active"


def test_on_the_hosted_page_a_challenge_can_be_met() -> None:
    shop = Shop()
    subscription = shop.trial("tok_authenticationRequired")
    shop.engine.clock.advance(CHARGED)
    invoice = shop.invoice(subscription)["id"]
    [card] = shop.engine.list("payment_method")
    for outcome, status in (("abandon", "open"), ("fail", "open"), ("pass", "paid")):
        page = shop.engine.pay_hosted_invoice(invoice, {"payment_method": card["id"], "authenticate": outcome})
        assert page["status"] == status
    assert shop.subscription(subscription)["status"] == "active"
    assert len(shop.taken()) == 1


def test_the_hosted_page_keeps_the_card_and_sets_it_up() -> None:
    shop = Shop()
    subscription = shop.trial(POOR)
    shop.engine.clock.advance(CHARGED)
    invoice = shop.invoice(subscription)
    shop.engine.pay_hosted_invoice(invoice["id"], {"card": "tok_authenticationRequiredOnSetup"})
    cards = list(shop.engine.list("payment_method", {"customer": invoice["customer"]}))
    assert len(cards) == 2
    newest = max(cards, key=lambda card: card["created"])
    shop.engine.update_subscription(subscription, {"default_payment_method": newest["id"]})
    shop.engine.clock.advance(32 * DAY)
    assert shop.invoice(subscription)["status"] == "paid", "the next charge is off-session and works"


def test_a_card_blocked_by_radar_never_reaches_its_bank() -> None:
    shop = Shop()
    subscription = shop.trial(CardSpec("0019", charge=RADAR_RULE))
    shop.engine.clock.advance(CHARGED)
    [charge] = shop.engine.list("charge")
    outcome = charge["outcome"]
    assert (outcome["type"], outcome["reason"], outcome["network_status"]) == ("blocked", "rule", "not_sent_to_network")
    assert shop.subscription(subscription)["status"] == "past_due"


def test_while_collection_is_paused_nothing_is_charged() -> None:
    shop = Shop()
    for behavior, status in (("keep_as_draft", "draft"), ("void", "void"), ("mark_uncollectible", "uncollectible")):
        subscription = shop.trial(pause_collection={})
        shop.engine.update_subscription(subscription, {"pause_collection": {"behavior": behavior}})
        shop.engine.clock.advance(CHARGED)
        assert shop.invoice(subscription)["status"] == status
        assert shop.subscription(subscription)["status"] == "active"
    assert shop.taken() == []


def test_an_invoice_that_is_sent_is_overdue_when_nobody_pays_it() -> None:
    shop = Shop()
    subscription = shop.subscribe(shop.customer(), trial=None, collection_method="send_invoice", days_until_due="7")
    assert shop.subscription(subscription)["status"] == "active"
    shop.engine.clock.advance(2 * 3_600)
    sent = shop.invoice(subscription)
    assert (sent["status"], sent["attempted"], sent["next_payment_attempt"]) == ("open", False, None)
    shop.engine.clock.advance(8 * DAY)
    assert shop.subscription(subscription)["status"] == "past_due"
    shop.engine.pay_hosted_invoice(sent["id"], {"card": "tok_visa"})
    assert shop.subscription(subscription)["status"] == "active"


def test_an_invoice_whose_tax_is_unknown_stays_a_draft() -> None:
    shop = Shop()
    subscription = shop.trial(automatic_tax={"enabled": "true"})
    shop.engine.clock.advance(CHARGED)
    draft = shop.invoice(subscription)
    assert draft["status"] == "draft"
    assert draft["last_finalization_error"]["code"] == "customer_tax_location_invalid"
    shop.engine.update_customer(draft["customer"], {"address": {"country": "US", "postal_code": "94103"}})
    shop.engine.finalize_invoice(draft["id"])
    shop.engine.clock.advance(3_600)
    assert shop.invoice(subscription)["status"] == "paid"


def test_first_payments_that_are_not_made_expire_after_23_hours() -> None:
    shop = Shop()
    customer = shop.customer()
    shop.attach(customer, POOR)
    subscription = shop.subscribe(customer, trial=None)
    assert shop.subscription(subscription)["status"] == "incomplete"
    assert shop.invoice(subscription)["next_payment_attempt"] is None
    with pytest.raises(StripeError, match="metadata and default_source"):
        shop.engine.update_subscription(subscription, {"default_payment_method": ""})
    shop.engine.clock.advance(23 * 3_600)
    assert shop.subscription(subscription)["status"] == "incomplete_expired"
    assert shop.invoice(subscription)["status"] == "void"


def test_a_first_payment_in_time_makes_it_active() -> None:
    shop = Shop()
    subscription = shop.subscribe(shop.customer(), trial=None, payment_behavior="default_incomplete")
    invoice = shop.invoice(subscription)
    secret = shop.engine.confirmation_secret(invoice["id"])
    [intent] = shop.engine.list("payment_intent")
    assert secret == {"client_secret": intent["client_secret"], "type": "payment_intent"}
    shop.engine.confirm_payment_intent(intent["id"], {"payment_method": shop.card(), "authenticate": "pass"})
    assert shop.subscription(subscription)["status"] == "active"
    assert shop.invoice(subscription)["attempt_count"] == 0
    shop.engine.clock.advance(DAY)
    assert shop.subscription(subscription)["status"] == "active"


def test_error_if_incomplete_leaves_no_subscription() -> None:
    shop = Shop()
    customer = shop.customer()
    shop.attach(customer, POOR)
    with pytest.raises(StripeError) as refused:
        shop.subscribe(customer, trial=None, payment_behavior="error_if_incomplete")
    assert (refused.value.status, refused.value.decline_code) == (402, "insufficient_funds")
    assert list(shop.engine.list("subscription", {"status": "all"})) == []
    with pytest.raises(StripeError, match="no attached payment source"):
        shop.subscribe(shop.customer(), trial=None)


@pytest.mark.parametrize("levels", list(product([False, True], repeat=6)))
def test_the_charge_order(levels: tuple[bool, ...]) -> None:
    names = ("in_pm", "in_card", "sub_pm", "sub_card", "cus_pm", "cus_card")
    value = [name if present else None for name, present in zip(names, levels, strict=True)]
    invoice: dict[str, Any] = {"default_payment_method": value[0], "default_source": value[1]}
    subscription = {"default_payment_method": value[2], "default_source": value[3]}
    customer = {"invoice_settings": {"default_payment_method": value[4]}, "default_source": value[5]}
    expected = next((name for name in value if name), None)
    assert effective(invoice, subscription, customer) == expected


def test_retries_that_were_begun_keep_their_rules() -> None:
    shop = Shop(Beliefs(retry=RetryPolicy((3 * DAY,), "cancel")))
    subscription = shop.trial(POOR)
    shop.engine.clock.advance(CHARGED)
    shop.engine.beliefs = replace(shop.engine.beliefs, retry=RetryPolicy())
    shop.engine.clock.advance(3 * DAY)
    assert shop.subscription(subscription)["status"] == "canceled"


def test_a_code_of_authentication_is_hard() -> None:
    shop = Shop()
    subscription = shop.trial(CardSpec("3184", charge=AUTHENTICATION_REQUIRED))
    shop.engine.clock.advance(CHARGED + 20 * DAY)
    assert shop.failures(subscription) == ["authentication_required"]
