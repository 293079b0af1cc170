"""The switches: read from the command line, shown, documented, and each makes the engine behave as it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from ghl_triage.sandbox.engine.api import CardSpec, Decline, Request, StripeError
from ghl_triage.sandbox.engine.beliefs import SWITCHES, Beliefs, RetryPolicy, read, shown
from ghl_triage.sandbox.server import SandboxOptions
from tests.sandbox.shop import CHARGED, DAY, TRIAL, Shop
from tests.sandbox_server import NOW, SandboxServer

DOCUMENT = (Path(__file__).parents[2] / "docs" / "beliefs.md").read_text(encoding="utf-8")


def test_settings_are_read_as_they_are_written_and_shown() -> None:
    beliefs = read(["three_d_secure=requires_action", "application_shown=False", "finalize_after=7200"])
    assert beliefs == Beliefs(three_d_secure="requires_action", application_shown=False, finalize_after=7_200)
    assert shown(beliefs)["application_shown"] is False
    assert shown(read([])) == shown(Beliefs())


@pytest.mark.parametrize("setting", ["moon=1", "three_d_secure=perhaps", "finalize_after=soon", "application_shown"])
def test_what_cannot_be_read_is_told(setting: str) -> None:
    with pytest.raises(ValueError, match=setting.partition("=")[0]):
        read([setting])


def test_every_switch_has_its_default_first_and_is_documented() -> None:
    for name, values in SWITCHES.items():
        assert getattr(Beliefs(), name) == values[0]
        row = next(line for line in DOCUMENT.splitlines() if line.startswith(f"| `{name}` "))
        assert [f"`{str(value).lower()}`" in row for value in values] == [True] * len(values)


def test_a_server_shows_what_it_believes_and_in_which_world() -> None:
    options = SandboxOptions(
        customers=12, now=NOW, rate_limit=False, world="hypothesis-true", beliefs=read(["indian_cards=skipped"])
    )
    with SandboxServer(options) as sandbox:
        info = sandbox.info()
    assert info["beliefs"]["indian_cards"] == "skipped"
    assert info["world"] == "hypothesis-true"
    assert info["truth"] == {"hypothesis": True, "deploy_at": NOW - 45 * DAY, "deploy_path": "api"}


REFUSED = CardSpec("0341", charge=Decline())


def failed_trial(shop: Shop, card: CardSpec) -> str:
    """A trial whose first charge was due, with this card."""
    subscription = shop.trial(card)
    shop.engine.clock.advance(CHARGED)
    assert shop.subscription(subscription)["status"] == "past_due"
    return subscription


@pytest.mark.parametrize("advances", [True, False])
def test_auto_advance_after_the_last_retry(advances: bool) -> None:
    shop = Shop(Beliefs(retry=RetryPolicy((3 * DAY,)), auto_advance_after_retries=advances))
    invoice = shop.invoice(failed_trial(shop, REFUSED))
    assert invoice["auto_advance"] is True
    shop.engine.clock.advance(4 * DAY)
    after = shop.engine.get("invoice", invoice["id"])
    assert (after["status"], after["next_payment_attempt"], after["auto_advance"]) == ("open", None, advances)


@pytest.mark.parametrize("clears", [True, False])
def test_a_detached_default_is_named_on_or_not_and_never_charged(clears: bool) -> None:
    shop = Shop(Beliefs(detaching_clears_defaults=clears))
    customer = shop.customer()
    card = shop.attach(customer)
    subscription = shop.subscribe(customer)
    shop.engine.detach_payment_method(card)
    named = shop.engine.get("customer", customer)["invoice_settings"]["default_payment_method"]
    assert named == (None if clears else card)
    shop.engine.clock.advance(CHARGED)
    assert shop.subscription(subscription)["status"] == "past_due"
    assert list(shop.engine.list("charge", {"customer": customer})) == []
    with pytest.raises(StripeError, match="no attached payment source"):
        shop.engine.pay_invoice(shop.invoice(subscription)["id"], {})


@pytest.mark.parametrize("ending", ["declined", "requires_action"])
def test_a_bank_that_wants_the_customer_declines_or_waits(ending: str) -> None:
    shop = Shop(read([f"three_d_secure={ending}"]))
    subscription = failed_trial(shop, CardSpec(sca="always"))
    (payment, *_) = shop.engine.list("invoice_payment", {"invoice": shop.invoice(subscription)["id"]})
    intent = shop.engine.get("payment_intent", payment["payment"]["payment_intent"])
    charges = list(shop.engine.list("charge"))
    told = {event["type"] for event in shop.events()}
    assert {"invoice.payment_failed", "invoice.payment_action_required"} <= told
    if ending == "declined":
        assert (intent["status"], len(charges)) == ("requires_payment_method", 1)
    else:
        assert (intent["status"], charges) == ("requires_action", [])
        shop.engine.authenticate(intent["id"], "pass")
        assert shop.subscription(subscription)["status"] == "active"


@pytest.mark.parametrize("reason", ["null", "payment_failed"])
def test_the_reason_of_a_cancel_at_the_trial_s_end(reason: str) -> None:
    shop = Shop(read([f"cancel_at_trial_end={reason}"]))
    settings = {"end_behavior": {"missing_payment_method": "cancel"}}
    subscription = shop.subscribe(shop.customer(), trial_settings=settings)
    shop.engine.clock.advance(CHARGED)
    ended = shop.subscription(subscription)
    assert (ended["status"], ended["cancellation_details"]["reason"] or "null") == ("canceled", reason)


@pytest.mark.parametrize("saves", [True, False])
def test_a_card_of_the_hosted_page_stays_or_does_not(saves: bool) -> None:
    shop = Shop(Beliefs(hosted_invoice_saves_card=saves))
    customer = shop.customer()
    subscription = shop.subscribe(customer)
    shop.engine.clock.advance(CHARGED)
    page = {"card": shop.engine.issue_card(CardSpec())}
    paid = shop.engine.pay_hosted_invoice(shop.invoice(subscription)["id"], page)
    assert paid["status"] == "paid"
    assert len(list(shop.engine.list("payment_method", {"customer": customer}))) == int(saves)


@pytest.mark.parametrize("advances", [True, False])
def test_auto_advance_of_a_first_invoice_that_waits(advances: bool) -> None:
    shop = Shop(Beliefs(auto_advance_on_incomplete=advances))
    subscription = shop.subscribe(shop.customer(), trial=None, payment_behavior="default_incomplete")
    assert shop.subscription(subscription)["status"] == "incomplete"
    assert shop.invoice(subscription)["auto_advance"] is advances


@pytest.mark.parametrize("shown_there", [True, False])
def test_objects_name_their_platform_or_do_not(shown_there: bool) -> None:
    shop = Shop(Beliefs(application_shown=shown_there))
    with shop.engine.request(Request("req_1", None, "ca_highlevel")):
        subscription = shop.trial()
    named = "ca_highlevel" if shown_there else None
    assert (shop.subscription(subscription)["application"], shop.invoice(subscription)["application"]) == (named, named)


def test_a_renewal_s_draft_is_charged_when_it_is_said() -> None:
    shop = Shop(read(["finalize_after=7200"]))
    subscription = shop.trial()
    shop.engine.clock.advance(TRIAL + 7_199)
    assert shop.invoice(subscription)["status"] == "draft"
    shop.engine.clock.advance(1)
    assert shop.invoice(subscription)["status"] == "paid"


def test_events_are_forgotten_when_it_is_said() -> None:
    shop = Shop(read([f"event_lifetime={DAY}"]))
    shop.customer()
    assert shop.events("customer.created")
    shop.engine.clock.advance(DAY + 1)
    assert shop.events("customer.created") == []


@pytest.mark.parametrize("shown_there", [True, False])
def test_an_attempt_without_any_card_shows_a_next_one_or_does_not(shown_there: bool) -> None:
    shop = Shop(Beliefs(retry_without_method=shown_there))
    subscription = shop.subscribe(shop.customer())
    shop.engine.clock.advance(CHARGED)
    assert bool(shop.invoice(subscription)["next_payment_attempt"]) is shown_there
