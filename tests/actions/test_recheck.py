"""The last look before a write: what has changed since the plan was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from ghl_triage.actions.recheck import UNSEEN, changed
from ghl_triage.diagnosis.rivalry import rivalry
from ghl_triage.model import ActionKind, Coverage, LinkKind, PlannedRequest, PlanStep, Records, Stage
from tests.actions.given import DAY, NOW, case, customer, invoice, subject, subscription, without_default
from tests.actions.test_planner import planned

pytestmark = pytest.mark.anyio


class Stripe:
    """Answers every GET with one object, and counts."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self.answer = answer
        self.asked: list[tuple[str, object]] = []

    async def get(self, path: str, params: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        self.asked.append((path, params))
        return self.answer


class Shelf:
    """Answers each GET with the object of that id."""

    def __init__(self, *objects: Mapping[str, Any]) -> None:
        self.objects = {each["id"]: each for each in objects}

    async def get(self, path: str, params: Mapping[str, Any] | None = None) -> Mapping[str, Any]:  # noqa: ARG002
        return self.objects[path.rpartition("/")[2]]


def seen(*, default: str | None = "pm_good", sub: Mapping[str, Any] | None = None, **of_invoice: Any) -> dict[str, Any]:
    """An invoice as the last look sees it: customer and subscription expanded."""
    details = {"subscription_details": {"subscription": {**subscription(), **(sub or {})}}}
    return invoice(customer=customer(default=default), parent=details, **of_invoice)


def tried(charge: str) -> dict[str, Any]:
    """An invoice's payments, the last of them with this charge."""
    intent = {"id": "pi_1", "object": "payment_intent", "status": "requires_payment_method", "latest_charge": charge}
    return {"data": [{"id": "inpay_1", "payment": {"type": "payment_intent", "payment_intent": intent}}]}


async def reason(kind: ActionKind, of: Any, answer: Mapping[str, Any]) -> str | None:
    made = planned(kind, of)
    stripe = Stripe(answer)
    (step,) = made.steps
    said = await changed(step.requests[0], step, of, stripe, NOW)
    assert len(stripe.asked) == 1
    return said


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (seen(), None),
        (seen(status="paid", amount_remaining=0), "it was paid meanwhile"),
        (seen(status="void"), "the invoice is void now"),
        (seen(status="uncollectible", amount_remaining=0), "the invoice is uncollectible now"),
        (seen(amount_remaining=4_700), "the amount changed from 9700 to 4700 usd"),
        (seen(sub={"status": "canceled"}), "the subscription is canceled now"),
        (seen(sub={"pause_collection": {"behavior": "void"}}), "collection was paused meanwhile"),
        (seen(default="pm_new"), "the card that would be charged changed meanwhile"),
        (seen(sub={"default_payment_method": "pm_new"}), "the card that would be charged changed meanwhile"),
        (seen(default_payment_method="pm_new"), "the card that would be charged changed meanwhile"),
        (seen(next_payment_attempt=NOW + 1_800), "Stripe itself tries within the hour"),
        (seen(next_payment_attempt=NOW + 7_200), None),
        ({**seen(), "customer": "cus_1"}, UNSEEN),
        (invoice(customer=customer(default="pm_good")), UNSEEN),
        (seen(id="in_2"), UNSEEN),
        (seen(payments=tried("ch_1")), None),
        (seen(payments=tried("ch_new")), "it was tried meanwhile"),
    ],
)
async def test_a_payment_does_what_was_confirmed_or_nothing(answer: dict[str, Any], expected: str | None) -> None:
    earlier = {"id": "ch_1", "object": "charge", "status": "failed", "created": NOW - DAY}
    assert await reason(ActionKind.RETRY, subject(case(), default="pm_good", charges=(earlier,)), answer) == expected


@pytest.mark.parametrize(
    ("default", "expected"),
    [(None, None), ("pm_good", "it was set meanwhile"), ("pm_new", "the default was changed meanwhile")],
)
async def test_a_default_that_somebody_else_set_is_left(default: str | None, expected: str | None) -> None:
    assert await reason(ActionKind.FIX_DEFAULT, subject(without_default()), customer(default=default)) == expected


async def test_a_deleted_customer_is_left() -> None:
    gone = {"id": "cus_1", "object": "customer", "deleted": True}
    assert "deleted" in (await reason(ActionKind.FIX_DEFAULT, subject(without_default()), gone) or "")
    assert "deleted" in (await reason(ActionKind.RESEND_LINK, subject(case(link=LinkKind.PORTAL)), gone) or "")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"default_payment_method": "pm_bad"}, None),
        ({"default_payment_method": "pm_new"}, "the default was changed meanwhile"),
        ({"default_payment_method": "pm_bad", "status": "canceled"}, "the subscription is canceled now"),
    ],
)
async def test_the_subscriptions_own_default(changes: dict[str, Any], expected: str | None) -> None:
    of = subject(without_default(), sub=subscription(default_payment_method="pm_bad"))
    assert await reason(ActionKind.FIX_DEFAULT, of, subscription(**changes)) == expected


async def test_a_resumed_subscription_is_not_resumed_again() -> None:
    of = subject(case(status="paused", invoice=None), invoices=())
    paused = subscription(status="paused", customer=customer(default="pm_good"))
    assert await reason(ActionKind.RESUME_SUBSCRIPTION, of, paused) is None
    active = subscription(status="active", customer=customer(default="pm_good"))
    assert await reason(ActionKind.RESUME_SUBSCRIPTION, of, active) == "the subscription is active now"
    assert await reason(ActionKind.RESUME_SUBSCRIPTION, of, {**paused, "customer": "cus_1"}) == UNSEEN
    other = {**paused, "customer": customer(default="pm_new")}
    assert "card" in (await reason(ActionKind.RESUME_SUBSCRIPTION, of, other) or "")
    dearer = {"data": [{"id": "si_1", "price": {"id": "price_1", "unit_amount": 19_700}, "quantity": 1}]}
    assert "bills" in (await reason(ActionKind.RESUME_SUBSCRIPTION, of, {**paused, "items": dearer}) or "")


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (subscription(status="canceled"), None),
        (subscription(status="canceled", latest_invoice=invoice()), "the old invoice can still be paid"),
        (subscription(7, status="active"), "sub_7 bills the same price now"),
        (subscription(7, status="canceled"), None),
    ],
)
async def test_nothing_is_sold_twice(listed: dict[str, Any], expected: str | None) -> None:
    lost = case(stage=Stage.LOST, status="canceled", link=LinkKind.NEW_CHECKOUT, invoice=None)
    of = subject(lost, sub=subscription(status="canceled"), invoices=())
    assert await reason(ActionKind.RESEND_LINK, of, {"data": [listed]}) == expected


OTHER_PRICE = {"data": [{"id": "si_9", "price": {"id": "price_9", "unit_amount": 9_700}, "quantity": 1}]}


class TestCancelingADuplicate:
    """Both are looked at again: the one that goes is as it was shown, and the one that stays really stays."""

    OWN = subscription(2, customer="cus_1")
    STAYS = subscription(1, status="active", default_payment_method="pm_good", created=NOW - 60 * DAY)

    async def last_look(self, own: dict[str, Any], stays: dict[str, Any]) -> str | None:
        card = {"id": "pm_good", "object": "payment_method", "type": "card", "customer": "cus_1"}
        records = Records(
            customer=customer(), subscriptions=(self.OWN, self.STAYS), payment_methods=(card,), invoices=()
        )
        of = subject(case(2, customer="cus_1"), number=2, sub=self.OWN, others=(self.STAYS,))
        found = rivalry(records, "sub_2", NOW, coverage=Coverage())
        assert found is not None
        assert found.stays.subscription == "sub_1"
        of = replace(of, facts=replace(of.facts, rivalry=found))
        request = PlannedRequest("DELETE", "/v1/subscriptions/sub_2", {}, "key_1", "cancel sub_2")
        step = PlanStep("sub_2", "", "", ActionKind.CANCEL_DUPLICATE, (request,))
        return await changed(request, step, of, Shelf(own, stays), NOW)

    async def test_goes_on_while_both_are_as_they_were_shown(self) -> None:
        assert await self.last_look(self.OWN, self.STAYS) is None

    @pytest.mark.parametrize(
        ("now", "expected"),
        [
            ({"status": "canceled"}, "the subscription is canceled now"),
            ({"status": "active"}, "the subscription is active now, it was past_due"),
            ({"items": OTHER_PRICE}, "sub_1, which was to stay, is active now or bills another price"),
        ],
    )
    async def test_leaves_one_that_is_another_now(self, now: dict[str, Any], expected: str) -> None:
        assert await self.last_look({**self.OWN, **now}, self.STAYS) == expected

    @pytest.mark.parametrize(
        ("now", "expected"),
        [
            ({"status": "canceled"}, "sub_1, which was to stay, is canceled now or bills another price"),
            ({"items": OTHER_PRICE}, "sub_1, which was to stay, is active now or bills another price"),
            ({"status": "past_due"}, "sub_1, which stays, is past_due now, it was active"),
            (
                {"status": "trialing", "trial_end": NOW + DAY, "cancel_at_period_end": True},
                "sub_1, which was to stay, is trialing now or bills another price",
            ),
        ],
    )
    async def test_leaves_it_where_the_other_would_not_stay(self, now: dict[str, Any], expected: str) -> None:
        assert await self.last_look(self.OWN, {**self.STAYS, **now}) == expected
