"""Every object that the engine can make is what Stripe's published document allows, rare kinds included."""

from __future__ import annotations

from contextlib import suppress

from ghl_triage.sandbox.engine.api import KINDS, CardSpec, StripeError
from ghl_triage.sandbox.engine.cards import INSUFFICIENT_FUNDS, RADAR_RULE
from tests import conformance
from tests.sandbox.shop import CHARGED, DAY, Shop

conformance.require()

CARDS: tuple[CardSpec | str, ...] = (
    "tok_visa",
    "tok_authenticationRequired",
    "tok_chargeCustomerFail",
    CardSpec("0019", charge=RADAR_RULE),
    CardSpec("0008", country="IN", funding="prepaid"),
    CardSpec("0005", brand="amex", exp_month=1, exp_year=2020),
    CardSpec("6789", type="us_bank_account"),
    CardSpec("3000", type="sepa_debit", country="DE", charge=INSUFFICIENT_FUNDS),
)


def everything() -> Shop:
    """A shop where each kind of thing has happened."""
    shop = Shop()
    engine = shop.engine
    for card in CARDS:
        for set_up in (False, True):
            shop.trial(card, set_up=set_up)
    for behavior in ("pause", "cancel"):
        shop.subscribe(shop.customer(), trial_settings={"end_behavior": {"missing_payment_method": behavior}})
    shop.subscribe(shop.customer(), payment_behavior="default_incomplete")
    waiting = shop.customer()
    shop.attach(waiting, "tok_authenticationRequiredOnSetup")
    shop.subscribe(waiting)
    shop.subscribe(shop.customer(), trial=None, payment_behavior="default_incomplete")
    shop.subscribe(shop.customer(), trial=None, collection_method="send_invoice")
    shop.subscribe(shop.customer(), automatic_tax={"enabled": True}, cancel_at_period_end=True)
    with suppress(StripeError):
        shop.set_up(shop.customer(), "tok_visa_chargeDeclinedLostCard")
    legacy = shop.customer()
    engine.create_source(legacy, {"source": "tok_chargeCustomerFail"})
    shop.subscribe(legacy)
    _pages(shop)
    engine.create_invoice({"customer": legacy, "amount": 500, "description": "Book"})
    mandate = {"payment_method_options": {"card": {"mandate_options": {"reference": "r"}}}}
    engine.create_setup_intent({"customer": legacy, "payment_method": "pm_card_in", "confirm": True, **mandate})
    engine.clock.advance(CHARGED + 5 * DAY)
    charge = next(each for each in engine.list("charge") if each["status"] == "succeeded" and each["customer"])
    engine.open_dispute(charge["id"], {"status": "warning_needs_response"})
    engine.create_refund({"charge": charge["id"], "amount": 100})
    engine.warn_of_fraud(charge["id"])
    return shop


def _pages(shop: Shop) -> None:
    engine, customer = shop.engine, shop.customer()
    trial = {"subscription_data": {"trial_period_days": 30}}
    filled = {"card": "tok_authenticationRequiredOnSetup", "email": "kim@lake.test", "name": "Kim"}
    for mode, params in (
        ("setup", {"currency": "usd"}),
        ("subscription", {}),
        ("subscription", trial),
        ("payment", {}),
    ):
        for done in (True, False):
            session = shop.checkout(mode, customer=customer, **params)
            if done:
                engine.complete_checkout_session(session, filled)
    for flow in ({"type": "payment_method_update"}, {"type": "subscription_cancel"}):
        subscription = {"subscription_cancel": {"subscription": shop.trial()}} if "cancel" in flow["type"] else {}
        engine.create_portal_session({"customer": customer, "flow_data": {**flow, **subscription}})
    engine.portal_update_card(engine.create_portal_session({"customer": customer})["id"], {"card": "tok_visa"})
    engine.create_portal_configuration({})
    engine.create_application({"name": "HighLevel"})
    engine.create_test_clock({"frozen_time": shop.engine.clock.now, "name": "A clock"})


def test_every_object_is_as_the_document_says() -> None:
    shop, document = everything(), conformance.stripe()
    wrong = []
    for kind in sorted(KINDS):
        objects = list(shop.engine.list(kind))
        assert objects, f"no {kind} was made"
        for obj in objects:
            wrong.append((f"{kind} {obj['id']}", document.object_errors(kind, dict(obj))))
            if kind == "event":
                inside = obj["data"]["object"]
                wrong.append((obj["type"], document.object_errors(inside["object"], dict(inside))))
    assert conformance.problems(wrong) == ""
