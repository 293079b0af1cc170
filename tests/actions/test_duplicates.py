"""Two subscriptions of one price: one is canceled, never both, and never without a yes of its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl_triage.actions.describe import plan_lines, request_line
from ghl_triage.diagnosis.rivalry import rivalry
from ghl_triage.model import ActionKind, Cause, Coverage, Outcome, Records, Stage
from ghl_triage.store.journal import EntryState, Journal, JournalEntry
from tests.actions.desk import Desk
from tests.actions.town import DAY, Town
from tests.sandbox_server import NOW

pytestmark = pytest.mark.anyio
CANCEL = ActionKind.CANCEL_DUPLICATE


@pytest.fixture
def residents(town: Town) -> None:
    """Ann has paid on one subscription and bought the same again without a card that works; Bob bought twice."""
    ann, _ = town.customer("ann", default=True)
    town.trial(ann, days=20)
    town.now(NOW - 35 * DAY)
    other = str(town.engine.create_customer({"email": "ANN@town.test", "name": "Ann"})["id"])
    town.trial(other, days=30)
    bob, _ = town.customer("bob", card=None)
    town.trial(bob, days=30)
    town.trial(bob, days=31)


async def test_the_plan_shows_both_what_was_paid_and_which_one_stays(desk: Desk) -> None:
    (duplicate,) = desk.duplicates("ann@town.test")
    plan = await desk.opened(CANCEL, duplicate)
    (step,) = plan.to_send
    (request,) = step.requests
    assert request_line(request).startswith(f"DELETE /v1/subscriptions/{duplicate} cancellation_details[comment]=")
    text = "\n".join(plan_lines(plan))
    assert f"canceled: {duplicate}" in text
    assert "nothing paid on it" in text
    assert "active" in text
    assert "$194.00 in 2 invoices paid on it" in text
    assert "stays open and is not collected any more" in text


async def test_a_yes_is_the_end_of_the_id_typed_out_even_in_test_mode(desk: Desk) -> None:
    (duplicate,) = desk.duplicates("ann@town.test")
    asked = desk.session().confirmation(await desk.opened(CANCEL, duplicate))
    assert asked.word == f"cancel {duplicate[-6:]}"
    assert not asked.accepts("y")
    assert not asked.accepts("")
    assert asked.accepts(asked.word)


async def test_it_cancels_the_one_and_leaves_the_other(desk: Desk) -> None:
    (duplicate,) = desk.duplicates("ann@town.test")
    result = await desk.one(CANCEL, duplicate)
    assert (result.outcome, result.error) == (Outcome.DONE, None)
    assert desk.town.engine.get("subscription", duplicate)["status"] == "canceled"
    assert desk.case(duplicate).stage is Stage.ENDED
    assert [entry.state for entry in desk.journal()] == [EntryState.DONE]
    open_ones = [sub for sub in desk.town.engine.list("subscription") if sub["status"] == "active"]
    assert len(open_ones) == 1


async def test_a_batch_cancels_nothing(desk: Desk) -> None:
    chosen = [*desk.duplicates("ann@town.test"), *desk.duplicates("bob@town.test")]
    assert len(chosen) == 3
    plan = await desk.opened(CANCEL, *chosen)
    assert not plan.to_send
    assert sum("yes of its own" in (step.skipped or "") for step in plan.steps) == 2


async def test_where_none_can_be_charged_the_oldest_stays_so_that_one_is_left(desk: Desk) -> None:
    older, newer = desk.duplicates("bob@town.test")
    assert "stays" in desk.case(older).blocked[CANCEL]
    kept = await desk.opened(CANCEL, older)
    assert not kept.to_send
    result = await desk.one(CANCEL, newer)
    assert result.outcome is Outcome.DONE
    assert desk.town.engine.get("subscription", older)["status"] == "past_due"
    assert desk.case(older).cause is not Cause.DUPLICATE_SUBSCRIPTION
    again = await desk.opened(CANCEL, older)
    assert not again.to_send


async def test_nothing_is_canceled_for_one_that_may_be_canceled_itself(desk: Desk) -> None:
    """The cancellation of the one that is to stay left and has no answer: if it comes through, none would be left."""
    older, newer = desk.duplicates("bob@town.test")
    plan = await desk.opened(CANCEL, newer)
    path = f"/v1/subscriptions/{older}"
    with Journal(desk.database) as journal:
        journal.sent(journal.intend(JournalEntry("p", older, CANCEL, "DELETE", path, {}, "k", "", "", NOW)), NOW)
    (result,) = await desk.run(plan)
    assert (result.outcome, result.error) == (Outcome.SKIPPED, f"DELETE {path} has no answer yet")
    assert not (await desk.opened(CANCEL, newer)).to_send
    assert desk.town.engine.get("subscription", newer)["status"] == "past_due"


async def test_the_last_look_sees_that_the_one_to_stay_is_gone(desk: Desk) -> None:
    (duplicate,) = desk.duplicates("ann@town.test")
    plan = await desk.opened(CANCEL, duplicate)
    (keeper,) = [sub["id"] for sub in desk.town.engine.list("subscription") if sub["status"] == "active"]
    desk.town.engine.cancel_subscription(keeper, {})
    (result,) = await desk.run(plan)
    assert result.outcome is Outcome.SKIPPED
    assert keeper in (result.error or "")
    assert desk.town.engine.get("subscription", duplicate)["status"] == "past_due"


async def test_an_answer_that_never_came_is_read_from_the_object(desk: Desk) -> None:
    (duplicate,) = desk.duplicates("ann@town.test")
    plan = await desk.opened(CANCEL, duplicate)
    desk.server.faults({"match": "DELETE /v1/subscriptions", "kind": "timeout-after", "times": 1})
    (result,) = await desk.run(plan)
    assert result.outcome is Outcome.DONE
    assert [entry.state for entry in desk.journal()] == [EntryState.DONE]
    assert desk.town.engine.get("subscription", duplicate)["status"] == "canceled"


def subscription(number: int, status: str, age: int, card: str | None) -> dict[str, object]:
    return {
        "id": f"sub_{number}", "object": "subscription", "customer": "cus_1", "status": status, "currency": "usd",
        "created": NOW - age, "default_payment_method": card,
        "items": {"data": [{"price": {"id": "price_1", "unit_amount": 9_700}, "quantity": 1}]},
    }  # fmt: skip


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["trialing", "active", "past_due", "unpaid", "paused", "canceled"]),
            st.integers(0, 90 * DAY),
            st.sampled_from(["pm_1", None]),
        ),
        min_size=2,
        max_size=5,
    )
)
def test_one_of_any_rivals_is_never_canceled(given_ones: list[tuple[str, int, str | None]]) -> None:
    raw = [subscription(number, *one) for number, one in enumerate(given_ones)]
    records = Records({"id": "cus_1", "object": "customer", "email": "ann@town.test"}, subscriptions=raw)
    found = [rivalry(records, f"sub_{number}", NOW, coverage=Coverage()) for number in range(len(raw))]
    open_ones = [one for one, (status, _, _) in zip(found, given_ones, strict=True) if status != "canceled"]
    if len(open_ones) < 2:
        return
    assert any(one is not None and one.own_is_kept for one in open_ones)
    assert len({one.stays.subscription for one in open_ones if one and one.own.status != "active"}) <= 1
