"""Which card is charged: a good one stands below a level that Stripe asks first, or the money came another way."""

from __future__ import annotations

import pytest

from ghl_triage.actions.offers import PAID_ELSEWHERE
from ghl_triage.actions.plan import Choices
from ghl_triage.model import ActionKind, Level, Outcome
from ghl_triage.sandbox.engine.api import CardSpec, Decline
from tests.actions.desk import Desk
from tests.actions.town import DAY, Town
from tests.sandbox_server import NOW

pytestmark = pytest.mark.anyio

LOST = CardSpec(charge=Decline(decline_code="lost_card", advice_code="do_not_try_again"))


class TestInvoice:
    @pytest.fixture
    def residents(self, town: Town) -> None:
        """The open invoice names a lost card; the customer's default is a good one by now."""
        customer, lost = town.customer("ann", default=True)
        assert lost is not None
        town.engine.set_bank(lost, LOST)
        town.trial(customer)
        town.now(NOW - DAY)
        (unpaid,) = town.engine.list("invoice", {"status": "open"})
        town.engine.update_invoice(unpaid["id"], {"default_payment_method": lost})
        town.card(customer, town.engine.issue_card(CardSpec(last4="5555")), default=True)

    async def test_the_payment_names_the_good_card(self, desk: Desk) -> None:
        (subscription,) = (each["id"] for each in desk.town.engine.list("subscription"))
        case = desk.case(subscription)
        assert case.effective_level is Level.INVOICE
        assert ActionKind.RETRY in case.blocked
        result = await desk.one(ActionKind.RETRY, subscription)
        assert result.outcome is Outcome.DONE, result
        customer = desk.stripe("customer", case.customer)
        named = result.step.requests[0].params["payment_method"]
        assert named == customer["invoice_settings"]["default_payment_method"]
        assert desk.charged() == [case.customer]

    async def test_the_lost_card_is_refused_even_when_it_is_chosen(self, desk: Desk) -> None:
        (subscription,) = (each["id"] for each in desk.town.engine.list("subscription"))
        lost = desk.case(subscription).effective_payment_method
        plan = await desk.opened(ActionKind.RETRY, subscription, choices=Choices(payment_method=lost))
        assert plan.to_send == ()


class TestSubscription:
    @pytest.fixture
    def residents(self, town: Town) -> None:
        """The subscription names a lost card; the customer's default is a good one by now."""
        customer, lost = town.customer("ann")
        assert lost is not None
        town.engine.set_bank(lost, LOST)
        town.trial(customer, default_payment_method=lost)
        town.now(NOW - DAY)
        town.card(customer, town.engine.issue_card(CardSpec(last4="5555")), default=True)

    async def test_the_subscriptions_level_is_set_and_then_the_retry_pays(self, desk: Desk) -> None:
        (subscription,) = (each["id"] for each in desk.town.engine.list("subscription"))
        assert (await desk.opened(ActionKind.RETRY, subscription)).to_send == ()
        fixed = await desk.one(ActionKind.FIX_DEFAULT, subscription)
        assert [request.path for request in fixed.step.requests] == [f"/v1/subscriptions/{subscription}"]
        assert fixed.outcome is Outcome.DONE, fixed
        paid = await desk.one(ActionKind.RETRY, subscription)
        assert paid.outcome is Outcome.DONE, paid
        assert len(desk.charged()) == 1


class TestPaidElsewhere:
    @pytest.fixture
    def residents(self, town: Town) -> None:
        """The client charged the customer by hand after the invoice had failed."""
        town.mended("ann")
        (customer,) = town.engine.list("customer")
        card = customer["invoice_settings"]["default_payment_method"]
        money = {"amount": 9_700, "currency": "usd", "customer": customer["id"], "payment_method": card}
        town.engine.create_payment_intent({**money, "confirm": True, "off_session": True})

    async def test_is_refused_until_somebody_has_looked_at_it(self, desk: Desk) -> None:
        (subscription,) = (each["id"] for each in desk.town.engine.list("subscription"))
        (step,) = (await desk.opened(ActionKind.RETRY, subscription)).steps
        assert PAID_ELSEWHERE in (step.skipped or "")
        waiver = Choices(waived=frozenset({subscription}))
        assert (await desk.opened(ActionKind.RETRY, subscription, choices=waiver)).to_send


class TestDebit:
    @pytest.fixture
    def residents(self, town: Town) -> None:
        """The card was lost; the customer's default is a bank account by now."""
        customer, lost = town.customer("ann", default=True)
        assert lost is not None
        town.engine.set_bank(lost, LOST)
        town.trial(customer)
        town.now(NOW - DAY)
        token = town.engine.issue_card(CardSpec("6789", type="us_bank_account"))
        made = {"type": "us_bank_account", "card": {"token": token}}
        account = str(town.engine.create_payment_method(made)["id"])
        town.engine.create_setup_intent(
            {"customer": customer, "payment_method": account, "usage": "off_session", "confirm": True}
        )
        town.engine.update_customer(customer, {"invoice_settings": {"default_payment_method": account}})

    async def test_a_payment_whose_money_is_still_to_come_says_so_and_is_made_once(self, desk: Desk) -> None:
        (subscription,) = (each["id"] for each in desk.town.engine.list("subscription"))
        result = await desk.one(ActionKind.RETRY, subscription)
        assert result.outcome is Outcome.DONE, result
        assert "the bank is still processing it" in (result.detail or "")
        again = await desk.opened(ActionKind.RETRY, subscription)
        assert "processing" in (again.steps[0].skipped or "")
        assert desk.charged() == []
