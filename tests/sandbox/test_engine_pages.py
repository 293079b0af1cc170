"""What customers do on Stripe's own pages, and what that leaves behind."""

from __future__ import annotations

import pytest

from ghl_triage.sandbox.engine.api import CardSpec, Request, StripeError
from ghl_triage.sandbox.engine.cards import GENERIC, INSUFFICIENT_FUNDS
from tests.sandbox.shop import CHARGED, DAY, HOUR, Shop

SCA = "tok_authenticationRequiredOnSetup"


def test_a_set_up_page_saves_a_card_and_sets_no_default() -> None:
    shop = Shop()
    customer = shop.customer()
    subscription = shop.subscribe(customer)
    session = shop.checkout("setup", customer=customer, currency="usd")
    done = shop.engine.complete_checkout_session(session, {"card": SCA})
    intent = shop.engine.get("setup_intent", done["setup_intent"])
    assert (done["status"], intent["status"], intent["usage"]) == ("complete", "succeeded", "off_session")
    assert shop.engine.get("payment_method", intent["payment_method"])["customer"] == customer
    assert shop.engine.get("customer", customer)["invoice_settings"]["default_payment_method"] is None
    assert shop.subscription(subscription)["default_payment_method"] is None
    [event] = shop.events("checkout.session.completed")
    assert event["request"] == {"id": None, "idempotency_key": None}


@pytest.mark.parametrize("outcome", ["fail", "abandon"])
def test_a_challenge_that_is_not_met_leaves_the_page_open(outcome: str) -> None:
    shop = Shop()
    session = shop.checkout("setup", customer=shop.customer(), currency="usd")
    page = shop.engine.complete_checkout_session(session, {"card": SCA, "authenticate": outcome})
    assert page["status"] == "open"
    assert shop.engine.complete_checkout_session(session, {"card": "tok_visa"})["status"] == "complete"
    with pytest.raises(StripeError):
        shop.engine.complete_checkout_session(session, {"card": "tok_visa"})


def test_a_page_expires_with_its_set_up() -> None:
    shop = Shop()
    session = shop.checkout("setup", customer=shop.customer(), currency="usd")
    shop.engine.clock.advance(DAY)
    expired = shop.engine.get("checkout.session", session)
    assert (expired["status"], expired["url"]) == ("expired", None)
    assert shop.engine.get("setup_intent", expired["setup_intent"])["status"] == "canceled"
    with pytest.raises(StripeError, match="expired"):
        shop.engine.expire_checkout_session(session)


def test_a_trial_sold_by_checkout_has_its_card_on_the_subscription() -> None:
    shop = Shop()
    session = shop.checkout("subscription", subscription_data={"trial_period_days": "30", "metadata": {"plan": "a"}})
    done = shop.engine.complete_checkout_session(session, {"card": SCA, "email": "kim@lake.test", "name": "Kim"})
    assert (done["payment_status"], done["customer_details"]["email"]) == ("no_payment_required", "kim@lake.test")
    subscription = shop.subscription(done["subscription"])
    assert (subscription["status"], subscription["metadata"]) == ("trialing", {"plan": "a"})
    assert subscription["default_payment_method"] is not None
    assert shop.engine.get("customer", done["customer"])["invoice_settings"]["default_payment_method"] is None
    shop.engine.clock.advance(CHARGED)
    assert shop.subscription(done["subscription"])["status"] == "active"
    [listed] = shop.engine.list("checkout.session", {"subscription": done["subscription"]})
    assert listed["id"] == session


def test_a_page_that_needs_no_card_sells_a_trial_without_one() -> None:
    shop = Shop()
    data = {"trial_period_days": 30}
    session = shop.checkout("subscription", subscription_data=data, payment_method_collection="if_required")
    done = shop.engine.complete_checkout_session(session, {"email": "kim@lake.test"})
    assert shop.subscription(done["subscription"])["default_payment_method"] is None
    asking = shop.checkout("subscription", subscription_data=data)
    with pytest.raises(StripeError, match="card"):
        shop.engine.complete_checkout_session(asking, {"email": "kim@lake.test"})


def test_without_a_trial_the_page_takes_the_money_first() -> None:
    shop = Shop()
    session = shop.checkout("subscription")
    poor = shop.engine.issue_card(CardSpec(charge=INSUFFICIENT_FUNDS))
    refused = shop.engine.complete_checkout_session(session, {"card": poor, "email": "kim@lake.test"})
    assert (refused["status"], refused["subscription"]) == ("open", None)
    done = shop.engine.complete_checkout_session(session, {"card": SCA, "email": "kim@lake.test"})
    assert (done["status"], done["payment_status"]) == ("complete", "paid")
    assert shop.subscription(done["subscription"])["status"] == "active"
    assert shop.taken() == [(done["invoice"], 9700)]
    shop.engine.clock.advance(31 * DAY + HOUR)
    assert len(shop.taken()) == 2, "the renewal is off-session and works"


def test_a_payment_page_takes_one_payment() -> None:
    shop = Shop()
    session = shop.checkout("payment", customer=shop.customer())
    done = shop.engine.complete_checkout_session(session, {"card": "tok_visa"})
    assert (done["payment_status"], done["amount_total"]) == ("paid", 9700)
    assert shop.taken() == [(None, 9700)]
    [line] = shop.engine.session_line_items(session)
    assert (line["quantity"], line["amount_total"]) == (1, 9700)


def test_the_portal_writes_the_customers_default_and_not_the_subscriptions() -> None:
    shop = Shop()
    customer = shop.customer()
    old = shop.set_up(customer, default=False)
    subscription = shop.subscribe(customer, default_payment_method=old)
    flow = {"type": "payment_method_update", "after_completion": {"type": "hosted_confirmation"}}
    later = {"type": "customer_login"}
    session = shop.engine.create_portal_session({"customer": customer, "flow_data": flow, "after_expiration": later})
    assert session["after_expiration"]["type"] == "customer_login"
    assert session["flow"]["type"] == "payment_method_update"
    changed = shop.engine.portal_update_card(session["id"], {"card": SCA})
    new = changed["invoice_settings"]["default_payment_method"]
    assert new not in {None, old}
    assert shop.subscription(subscription)["default_payment_method"] == old
    [event] = shop.events("customer.updated")
    assert event["data"]["previous_attributes"] == {"invoice_settings": {"default_payment_method": None}}


def test_a_card_that_the_portal_refuses_changes_nothing() -> None:
    shop = Shop()
    customer = shop.customer()
    session = shop.engine.create_portal_session({"customer": customer})
    refused = shop.engine.issue_card(CardSpec(attach=GENERIC))
    for params in ({"card": refused}, {"card": SCA, "authenticate": "fail"}):
        unchanged = shop.engine.portal_update_card(session["id"], params)
        assert unchanged["invoice_settings"]["default_payment_method"] is None
    assert list(shop.engine.list("payment_method", {"customer": customer})) == []


def test_a_customer_cancels_in_the_portal_at_the_periods_end() -> None:
    shop = Shop()
    subscription = shop.trial()
    customer = shop.subscription(subscription)["customer"]
    session = shop.engine.create_portal_session({"customer": customer})
    canceled = shop.engine.portal_cancel(session["id"], subscription, {"feedback": "unused"})
    assert canceled["cancel_at"] == canceled["trial_end"]
    shop.engine.clock.advance(CHARGED)
    ended = shop.subscription(subscription)
    assert (ended["status"], ended["cancellation_details"]["reason"]) == ("canceled", "cancellation_requested")
    assert shop.taken() == []


def test_what_a_platform_makes_carries_its_application() -> None:
    shop = Shop()
    application = shop.engine.create_application({"name": "HighLevel"})["id"]
    with shop.engine.request(Request("req_1", "key-1", application)):
        subscription = shop.trial()
    shop.engine.clock.advance(CHARGED)
    [payment] = shop.engine.list("payment_intent")
    [charge] = shop.engine.list("charge")
    made = (shop.subscription(subscription), shop.invoice(subscription), payment, charge)
    assert {obj["application"] for obj in made} == {application}
    own = shop.subscription(shop.trial())
    assert own["application"] is None


def test_a_link_into_the_portal_needs_a_known_customer() -> None:
    shop = Shop()
    with pytest.raises(StripeError) as refused:
        shop.engine.create_portal_session({"customer": "cus_gone"})
    assert (refused.value.status, refused.value.code, refused.value.param) == (404, "resource_missing", "customer")


def test_a_page_of_stripe_s_own_must_know_where_to_go_on() -> None:
    shop = Shop()
    with pytest.raises(StripeError, match="Missing required param: success_url"):
        shop.checkout("setup", customer=shop.customer(), currency="usd", success_url="")
    within = shop.checkout("setup", customer=shop.customer(), currency="usd", success_url="", ui_mode="embedded_page")
    assert shop.engine.get("checkout.session", within)["url"] is None


@pytest.mark.parametrize(
    "metadata", [{str(number): "x" for number in range(51)}, {"k" * 41: "x"}, {"key": "x" * 501}], ids=len
)
def test_metadata_has_its_bounds(metadata: dict[str, str]) -> None:
    with pytest.raises(StripeError, match="Metadata can have up to 50 keys"):
        Shop().engine.create_customer({"metadata": metadata})
