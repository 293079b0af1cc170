"""A default that we set can be put back, unless somebody changed it since."""

from __future__ import annotations

import pytest

from ghl_triage.actions.plan import Choices, Plan
from ghl_triage.model import ActionKind, Outcome
from ghl_triage.sandbox.engine.api import CardSpec, Decline
from ghl_triage.store.journal import EntryState, Journal
from tests.actions.desk import Desk
from tests.actions.town import Town

pytestmark = pytest.mark.anyio
FIX, UNDO = ActionKind.FIX_DEFAULT, ActionKind.UNDO


def default_of(desk: Desk, customer: str) -> str | None:
    value = desk.stripe("customer", customer)["invoice_settings"]["default_payment_method"]
    return str(value) if value else None


async def test_the_former_default_comes_back_and_only_once(desk: Desk) -> None:
    subscription = desk.failing()[0]
    customer = desk.case(subscription).customer
    await desk.one(FIX, subscription)
    ours = default_of(desk, customer)
    assert ours is not None
    plan = await desk.opened(UNDO, subscription)
    (step,) = plan.steps
    assert [request.summary for request in step.requests] == ["set the customer's default back to none"]
    (result,) = await desk.run(plan)
    assert result.outcome is Outcome.DONE
    assert default_of(desk, customer) is None
    again = await desk.opened(UNDO, subscription)
    assert again.steps[0].skipped == "nothing of ours can be taken back here"


async def test_a_default_that_somebody_changed_since_is_left_alone(desk: Desk) -> None:
    subscription = desk.failing()[0]
    customer = desk.case(subscription).customer
    await desk.one(FIX, subscription)
    theirs = desk.town.card(customer, default=True)
    result = await desk.one(UNDO, subscription)
    assert result.outcome is Outcome.SKIPPED
    assert "somebody changed it since" in (result.error or "")
    assert default_of(desk, customer) == theirs


async def test_a_change_between_the_plan_and_the_write_is_seen(desk: Desk) -> None:
    subscription = desk.failing()[0]
    customer = desk.case(subscription).customer
    await desk.one(FIX, subscription)
    plan = await desk.opened(UNDO, subscription)
    theirs = desk.town.card(customer, default=True)
    (result,) = await desk.run(plan)
    assert (result.outcome, result.error) == (Outcome.SKIPPED, "the default was changed meanwhile")
    assert default_of(desk, customer) == theirs


async def test_an_entry_that_changed_no_default_cannot_be_taken_back(desk: Desk) -> None:
    subscription = desk.payable()[0]
    await desk.one(ActionKind.RETRY, subscription)
    (paid,) = desk.journal()
    plan = await desk.opened(UNDO, subscription, choices=Choices(entry=paid.id))
    assert "changed no default" in (plan.steps[0].skipped or "")


async def test_an_answer_that_never_came_does_not_undo_twice(desk: Desk) -> None:
    subscription = desk.failing()[0]
    customer = desk.case(subscription).customer
    await desk.one(FIX, subscription)
    desk.server.faults({"match": "POST /v1/customers/", "kind": "timeout-after", "times": None})
    result = await desk.one(UNDO, subscription)
    assert result.outcome is Outcome.DONE
    assert default_of(desk, customer) is None
    with Journal(desk.database) as journal:
        assert journal.undoable(subscription) == []
        assert journal.verify().whole


class TestBothLevels:
    """The subscription's own card shadows the customer's and was lost; a third one is chosen for both levels."""

    @pytest.fixture
    def residents(self, town: Town) -> None:
        customer, card = town.customer("gus")
        lost = town.card(customer)
        town.trial(customer, default_payment_method=lost)
        decline = Decline(decline_code="lost_card", advice_code="do_not_try_again")
        town.engine.set_bank(lost, CardSpec(charge=decline))
        town.engine.update_customer(customer, {"invoice_settings": {"default_payment_method": card}})

    @pytest.fixture
    async def fix(self, desk: Desk) -> Plan:
        (subscription,) = (each["id"] for each in desk.town.engine.list("subscription"))
        third = desk.town.card(desk.case(subscription).customer, desk.town.engine.issue_card(CardSpec(last4="7777")))
        plan = await desk.opened(FIX, subscription, choices=Choices(payment_method=third))
        assert len(plan.steps[0].requests) == 2
        return plan

    def levels(self, desk: Desk) -> list[str | None]:
        """What stands on the subscription, and on the customer."""
        (subscription,) = desk.town.engine.list("subscription")
        return [subscription["default_payment_method"], default_of(desk, subscription["customer"])]

    async def test_where_the_first_change_fails_the_second_is_not_left_hanging(self, desk: Desk, fix: Plan) -> None:
        desk.server.faults({"match": "POST /v1/", "kind": "429", "times": None})
        (result,) = await desk.run(fix)
        assert result.outcome is Outcome.FAILED
        assert {entry.state for entry in desk.journal()} == {EntryState.FAILED}
        assert desk.session().cut_off() == []

    async def test_the_last_change_goes_first(self, desk: Desk, fix: Plan) -> None:
        before = self.levels(desk)
        (fixed,) = await desk.run(fix)
        assert fixed.outcome is Outcome.DONE, fixed
        assert all(now != then for now, then in zip(self.levels(desk), before, strict=True))
        plan = await desk.opened(UNDO, fixed.step.case)
        assert [request.undoes for request in plan.steps[0].requests] == [2, 1]
        (result,) = await desk.run(plan)
        assert result.outcome is Outcome.DONE
        assert self.levels(desk) == before
