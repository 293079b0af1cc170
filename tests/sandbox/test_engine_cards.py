"""Cards: test tokens, attaching, detaching, legacy cards, and money that goes back."""

from __future__ import annotations

import pytest

from ghl_triage.sandbox.engine.api import CardSpec, StripeError
from ghl_triage.sandbox.engine.cards import test_card as card_named
from tests.sandbox.shop import CHARGED, DAY, Shop


@pytest.mark.parametrize(
    ("token", "decline"),
    [
        ("tok_visa_chargeDeclined", "generic_decline"),
        ("tok_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("tok_visa_chargeDeclinedLostCard", "lost_card"),
        ("tok_chargeDeclinedExpiredCard", None),
        ("4000000000000127", None),
    ],
)
def test_cards_that_are_declined_cannot_be_attached(token: str, decline: str | None) -> None:
    shop = Shop()
    customer = shop.customer()
    for save in (shop.attach, shop.set_up):
        with pytest.raises(StripeError) as refused:
            save(customer, token)
        assert (refused.value.status, refused.value.decline_code) == (402, decline)
    assert list(shop.engine.list("payment_method", {"customer": customer})) == []
    [intent] = shop.engine.list("setup_intent")
    assert (intent["status"], intent["last_setup_error"]["type"]) == ("requires_payment_method", "card_error")


def test_the_card_that_fails_later_attaches() -> None:
    shop = Shop()
    method = shop.engine.attach_payment_method("pm_card_chargeCustomerFail", {"customer": shop.customer()})
    assert (method["card"]["last4"], method["id"][:3]) == ("0341", "pm_")
    assert card_named("pm_card_nothing") is None
    with pytest.raises(StripeError, match="No such token"):
        shop.card("tok_nothing")


def test_two_methods_of_one_plastic_share_its_fingerprint_and_its_bank() -> None:
    shop = Shop()
    token = shop.engine.issue_card(CardSpec())
    first, second = (shop.engine.get("payment_method", shop.card(token)) for _ in range(2))
    assert first["card"]["fingerprint"] == second["card"]["fingerprint"]
    shop.engine.set_bank(first["id"], CardSpec(brand="amex"))
    assert shop.engine.bank(second["id"]).brand == "amex"


def test_a_detached_card_is_out_of_every_default_and_never_comes_back() -> None:
    shop = Shop()
    customer = shop.customer()
    card = shop.set_up(customer)
    subscription = shop.subscribe(customer, default_payment_method=card)
    detached = shop.engine.detach_payment_method(card)
    assert detached["customer"] is None
    assert shop.subscription(subscription)["default_payment_method"] is None
    assert shop.engine.get("customer", customer)["invoice_settings"]["default_payment_method"] is None
    [event] = shop.events("payment_method.detached")
    assert event["data"]["previous_attributes"] == {"customer": customer}
    with pytest.raises(StripeError, match="may not be used again"):
        shop.engine.attach_payment_method(card, {"customer": customer})
    with pytest.raises(StripeError) as refused:
        shop.make_default(customer, card)
    assert refused.value.code == "resource_missing"
    shop.engine.clock.advance(CHARGED)
    assert shop.subscription(subscription)["status"] == "past_due"


def test_a_card_does_not_move_to_another_customer() -> None:
    shop = Shop()
    card = shop.attach(shop.customer())
    with pytest.raises(StripeError, match="already been attached"):
        shop.engine.attach_payment_method(card, {"customer": shop.customer("other@acme.test")})


def test_a_renewed_card_keeps_its_id() -> None:
    shop = Shop()
    card = shop.attach(shop.customer())
    shop.engine.renew_card_automatically(card, {"card": {"exp_month": 4, "exp_year": 2040}})
    shop.engine.update_payment_method(card, {"card": {"exp_month": "5"}, "billing_details": {"name": "J. Roe"}})
    method = shop.engine.get("payment_method", card)
    assert (method["card"]["exp_month"], method["card"]["exp_year"]) == (5, 2040)
    assert shop.events("payment_method.automatically_updated")
    assert shop.events("payment_method.updated")


def test_a_legacy_card_is_listed_with_the_rest_as_of_its_own_time() -> None:
    shop = Shop()
    customer = shop.customer()
    older = shop.attach(customer)
    shop.engine.clock.advance(DAY)
    legacy = shop.engine.create_source(customer, {"source": "tok_visa"})["id"]
    saved_at = shop.engine.clock.now
    shop.engine.clock.advance(DAY)
    newer = shop.attach(customer)
    mine = {"customer": customer}
    assert [card["id"] for card in shop.engine.list("payment_method", mine)] == [newer, legacy, older]
    assert shop.engine.get("payment_method", legacy)["created"] == saved_at
    after = shop.engine.list("payment_method", mine, starting_after=newer)
    before = shop.engine.list("payment_method", mine, ending_before=older)
    assert [[card["id"] for card in found] for found in (after, before)] == [[legacy, older], [legacy, newer]]
    with pytest.raises(StripeError, match="No such payment_method"):
        next(shop.engine.list("payment_method", mine, starting_after="pm_gone"))


def test_a_legacy_card_is_charged_last() -> None:
    shop = Shop()
    customer = shop.customer()
    source = shop.engine.create_source(customer, {"source": "tok_visa"})
    assert shop.engine.get("customer", customer)["default_source"] == source["id"]
    subscription = shop.subscribe(customer)
    shop.engine.clock.advance(CHARGED)
    [charge] = shop.engine.list("charge")
    assert (charge["status"], charge["payment_method"]) == ("succeeded", source["id"])
    assert shop.engine.get("payment_method", source["id"])["card"]["last4"] == "4242"
    assert shop.subscription(subscription)["status"] == "active"
    shop.engine.delete_source(customer, source["id"])
    assert shop.engine.get("customer", customer)["default_source"] is None


def test_a_payment_set_up_for_later_proves_the_card() -> None:
    shop = Shop()
    customer = shop.customer()
    card = shop.card("tok_authenticationRequiredOnSetup")
    intent = shop.engine.create_payment_intent(
        {"amount": "100", "currency": "usd", "customer": customer, "payment_method": card, "confirm": "true"}
        | {"setup_future_usage": "off_session"}
    )
    assert intent["status"] == "requires_action"
    assert shop.engine.authenticate(intent["id"], "pass")["status"] == "succeeded"
    assert shop.engine.get("payment_method", card)["customer"] == customer
    shop.make_default(customer, card)
    subscription = shop.subscribe(customer)
    shop.engine.clock.advance(CHARGED)
    assert shop.subscription(subscription)["status"] == "active"


def test_money_that_was_held_is_taken_or_let_go() -> None:
    shop = Shop()
    params = {"amount": 100, "currency": "usd", "capture_method": "manual", "confirm": True}
    held, dropped = (shop.engine.create_payment_intent({**params, "payment_method": shop.card()}) for _ in range(2))
    assert (held["status"], shop.taken()) == ("requires_capture", [])
    shop.engine.capture_payment_intent(held["id"])
    canceled = shop.engine.cancel_payment_intent(dropped["id"])
    assert shop.engine.get("charge", canceled["latest_charge"])["refunded"] is True
    assert shop.taken() == [(None, 100)]


def test_money_goes_back_by_refund_or_dispute() -> None:
    shop = Shop()
    shop.trial()
    shop.engine.clock.advance(CHARGED)
    [charge] = shop.engine.list("charge")
    shop.engine.create_refund({"charge": charge["id"], "amount": "700"})
    shop.engine.create_refund({"payment_intent": charge["payment_intent"]})
    refunded = shop.engine.get("charge", charge["id"])
    assert (refunded["amount_refunded"], refunded["refunded"]) == (9700, True)
    with pytest.raises(StripeError, match="already been refunded"):
        shop.engine.create_refund({"charge": charge["id"]})
    dispute = shop.engine.open_dispute(charge["id"], {"reason": "fraudulent"})
    assert (dispute["status"], shop.engine.get("charge", charge["id"])["disputed"]) == ("needs_response", True)
    shop.engine.close_dispute(dispute["id"], {"status": "lost"})
    [listed] = shop.engine.list("dispute", {"charge": charge["id"]})
    assert listed["status"] == "lost"
    warning = shop.engine.warn_of_fraud(charge["id"])
    assert warning["payment_intent"] == charge["payment_intent"]


def test_a_deleted_customer_leaves_a_stub_and_ended_subscriptions() -> None:
    shop = Shop()
    subscription = shop.trial()
    customer = shop.subscription(subscription)["customer"]
    shop.engine.delete_customer(customer)
    assert shop.engine.get("customer", customer) == {"id": customer, "object": "customer", "deleted": True}
    assert list(shop.engine.list("customer")) == []
    assert shop.subscription(subscription)["status"] == "canceled"
    shop.engine.clock.advance(60 * DAY)
    assert shop.taken() == []
