"""What happens to money, defaults and pages, seen from Stripe's side and from the journal's."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from ghl_triage.actions.finish import finish
from ghl_triage.actions.plan import PLAN_LIFE, Choices
from ghl_triage.actions.session import ActionSession, result_to_json
from ghl_triage.errors import StoreLocked, UsageError
from ghl_triage.model import ActionKind, Caps, Outcome, Stage
from ghl_triage.sandbox.engine.api import CardSpec
from ghl_triage.sources.stripe import stripe_reader
from ghl_triage.store.journal import EntryState, Journal, JournalEntry
from ghl_triage.store.lock import WriteLock
from tests.actions.desk import Desk
from tests.actions.town import DAY, Town
from tests.sandbox_server import NOW

pytestmark = pytest.mark.anyio


async def test_the_default_card_then_the_retry_and_the_row_says_what_stripe_says(desk: Desk) -> None:
    subscription = desk.failing()[0]
    fixed = await desk.one(ActionKind.FIX_DEFAULT, subscription)
    assert fixed.outcome is Outcome.DONE
    paid = await desk.one(ActionKind.RETRY, subscription)
    assert paid.outcome is Outcome.DONE
    assert paid.request_id
    case = desk.case(subscription)
    assert (case.status, case.stage) == ("active", Stage.HEALTHY)
    assert desk.charged() == [case.customer]
    default, payment = desk.journal()
    assert {(entry.state, entry.by) for entry in (default, payment)} == {(EntryState.DONE, "test")}
    assert (default.card, payment.card) == (None, case.effective_payment_method)
    assert "payment_method" not in payment.params


async def test_a_plan_opens_from_the_store_unchecked_and_then_is_checked(desk: Desk) -> None:
    plans = [plan async for plan in desk.session().open_plan(ActionKind.FIX_DEFAULT, desk.failing())]
    assert [plan.checked for plan in plans] == [False, True]
    assert plans[0].steps[0].requests == plans[-1].steps[0].requests
    with pytest.raises(UsageError, match="not checked"):
        await desk.run(plans[0])


async def test_a_batch_accounts_for_every_case(desk: Desk) -> None:
    chosen = desk.payable()
    results = await desk.do(ActionKind.RETRY, *chosen)
    assert {result.step.case for result in results} == set(chosen)
    assert {result.outcome for result in results} == {Outcome.DONE}
    assert len(desk.charged()) == len(set(desk.charged())) == 3


async def test_payments_keep_their_pace_and_what_charges_nobody_does_not_wait(desk: Desk) -> None:
    session = desk.session(caps=Caps(payments_per_second=2))
    await desk.run(await desk.opened(ActionKind.FIX_DEFAULT, *desk.failing()), session)
    assert desk.clock.slept == []
    await desk.run(await desk.opened(ActionKind.RETRY, *desk.payable()[:3]), session)
    assert desk.clock.slept == [0.5, 1.0]


async def test_a_decline_is_told_once_and_not_tried_again_within_a_day(desk: Desk) -> None:
    (subscription,) = desk.payable()[:1]
    desk.server.play(
        "set_bank",
        card=desk.case(subscription).effective_payment_method,
        charge={"decline_code": "insufficient_funds", "message": "Your card has insufficient funds."},
    )
    result = await desk.one(ActionKind.RETRY, subscription)
    assert result.outcome is Outcome.DECLINED
    assert "insufficient_funds" in (result.error or "")
    assert desk.states() == [EntryState.DECLINED]
    again = await desk.opened(ActionKind.RETRY, subscription)
    assert "24" in (again.steps[0].skipped or "")
    assert desk.charged() == []


class TestMeanwhile:
    """Between the check and the write the world moves."""

    async def test_somebody_paid(self, desk: Desk) -> None:
        (subscription,) = desk.payable()[:1]
        plan = await desk.opened(ActionKind.RETRY, subscription)
        desk.server.play("pay_hosted_invoice", invoice=desk.case(subscription).invoice)
        (result,) = await desk.run(plan)
        assert (result.outcome, result.error) == (Outcome.SKIPPED, "it was paid meanwhile")
        assert len(desk.charged()) == 1

    async def test_somebody_canceled(self, desk: Desk) -> None:
        (subscription,) = desk.payable()[:1]
        plan = await desk.opened(ActionKind.RETRY, subscription)
        desk.town.engine.cancel_subscription(subscription, {})
        (result,) = await desk.run(plan)
        assert result.outcome is Outcome.SKIPPED
        assert desk.charged() == []

    async def test_somebody_set_another_default(self, desk: Desk) -> None:
        subscription = desk.failing()[0]
        plan = await desk.opened(ActionKind.FIX_DEFAULT, subscription)
        other = desk.town.card(desk.case(subscription).customer, default=True)
        (result,) = await desk.run(plan)
        assert (result.outcome, result.error) == (Outcome.SKIPPED, "the default was changed meanwhile")
        customer = desk.stripe("customer", desk.case(subscription).customer)
        assert customer["invoice_settings"]["default_payment_method"] == other

    async def test_a_ghl_triage_with_a_store_of_its_own_tried(self, desk: Desk, tmp_path: Path) -> None:
        (subscription,) = desk.payable()[:1]
        desk.server.play(
            "set_bank",
            card=desk.case(subscription).effective_payment_method,
            charge={"decline_code": "insufficient_funds", "message": "Your card has insufficient funds."},
        )
        elsewhere = replace(desk, database=tmp_path / "elsewhere.sqlite3")
        shutil.copy(desk.database, elsewhere.database)
        plan = await desk.opened(ActionKind.RETRY, subscription)
        assert (await elsewhere.one(ActionKind.RETRY, subscription)).outcome is Outcome.DECLINED
        (result,) = await desk.run(plan)
        assert (result.outcome, result.error) == (Outcome.SKIPPED, "it was tried meanwhile")
        assert len(desk.server.keys()) == 1

    async def test_another_ghl_triage_tried(self, desk: Desk) -> None:
        (subscription,) = desk.payable()[:1]
        desk.server.play("set_bank", card=desk.case(subscription).effective_payment_method, charge={})
        first = await desk.opened(ActionKind.RETRY, subscription)
        second = await desk.opened(ActionKind.RETRY, subscription)
        (declined,) = await desk.run(first)
        (left,) = await desk.run(second)
        assert (declined.outcome, left.outcome) == (Outcome.DECLINED, Outcome.SKIPPED)
        assert left.error == "it was tried meanwhile"


class TestRefusals:
    async def test_a_plan_is_carried_out_once(self, desk: Desk) -> None:
        plan = await desk.opened(ActionKind.FIX_DEFAULT, desk.failing()[0])
        await desk.run(plan)
        with pytest.raises(UsageError, match="carried out before"):
            await desk.run(plan)

    async def test_read_only_changes_nothing(self, desk: Desk) -> None:
        plan = await desk.opened(ActionKind.FIX_DEFAULT, desk.failing()[0])
        with pytest.raises(UsageError, match="read-only"):
            await desk.run(plan, desk.session(read_only=True))
        assert desk.journal() == []

    async def test_the_lock_of_another_is_waited_for_and_named(self, desk: Desk) -> None:
        plan = await desk.opened(ActionKind.FIX_DEFAULT, desk.failing()[0])
        with WriteLock(desk.database, "sync"), pytest.raises(StoreLocked, match="sync"):
            await desk.run(plan)
        assert desk.journal() == []

    async def test_a_key_without_rights_stops_the_batch_at_once(self, desk: Desk) -> None:
        plan = await desk.opened(ActionKind.FIX_DEFAULT, *desk.failing())
        results = await desk.run(plan, desk.session(stripe_key="rk_test_sandbox_readonly"))
        outcomes = sorted(result.outcome for result in results)
        assert len(outcomes) == 3
        assert Outcome.FAILED in outcomes
        assert Outcome.SKIPPED in outcomes
        assert any("rak_" in (result.error or "") for result in results)
        assert EntryState.PLANNED not in {entry.state for entry in desk.journal()}

    async def test_a_revoked_key_stops_the_batch_at_once(self, desk: Desk) -> None:
        plan = await desk.opened(ActionKind.FIX_DEFAULT, *desk.failing())
        results = await desk.run(plan, desk.session(stripe_key="rk_test_sandbox_expired"))
        assert len(results) == 3
        assert Outcome.SKIPPED in {result.outcome for result in results}
        assert all("stopped: " in (each.error or "") for each in results if each.outcome is Outcome.SKIPPED)

    async def test_a_yes_comes_too_late_for_a_plan_that_was_checked_long_ago(self, desk: Desk) -> None:
        plan = await desk.opened(ActionKind.FIX_DEFAULT, desk.failing()[0])
        desk.clock.at += PLAN_LIFE + 60
        with pytest.raises(UsageError, match="checked 16 minutes ago"):
            await desk.run(plan)
        desk.clock.at = NOW - DAY
        with pytest.raises(UsageError, match="checked 1440 minutes ago"):
            await desk.run(plan)
        assert desk.journal() == []

    async def test_a_case_that_is_gone_is_told_of(self, desk: Desk) -> None:
        known = desk.failing()[0]
        results = await desk.do(ActionKind.FIX_DEFAULT, known, "sub_gone")
        assert {(result.step.case, result.outcome) for result in results} == {
            (known, Outcome.DONE),
            ("sub_gone", Outcome.SKIPPED),
        }


class TestMany:
    """A dozen cases: enough that something is left when a batch stops."""

    @pytest.fixture
    def residents(self, town: Town) -> None:
        for number in range(12):
            town.failing(f"case{number}")

    async def test_five_equal_failures_stop_the_batch(self, desk: Desk) -> None:
        plan = await desk.opened(ActionKind.FIX_DEFAULT, *desk.failing())
        desk.server.faults({"match": "GET /v1/customers/", "kind": "500", "times": None})
        results = await desk.run(plan)
        failed = [result for result in results if result.outcome is Outcome.FAILED]
        left = [result for result in results if result.outcome is Outcome.SKIPPED]
        assert len(failed) in (5, 6)
        assert len(failed) + len(left) == 12
        assert all("stopped after 5" in (result.error or "") for result in left)

    async def test_cancel_finishes_what_was_sent_and_leaves_the_rest(self, desk: Desk) -> None:
        chosen = desk.failing()
        session, plan = desk.session(), await desk.opened(ActionKind.FIX_DEFAULT, *chosen)
        results = []
        async for result in session.run(plan, "test"):
            session.cancel(plan)
            results.append(result)
        assert {result.step.case for result in results} == set(chosen)
        done = [result for result in results if result.outcome is Outcome.DONE]
        assert 1 <= len(done) <= 4
        assert [entry.state for entry in desk.journal()].count(EntryState.DONE) == len(done)
        assert not desk.session().cut_off()

    async def test_a_stop_holds_that_came_before_the_plan_had_its_turn(self, desk: Desk) -> None:
        session, plan = desk.session(), await desk.opened(ActionKind.FIX_DEFAULT, *desk.failing())
        session.cancel(plan)
        results = await desk.run(plan, session)
        assert {result.outcome for result in results} == {Outcome.SKIPPED}
        assert {entry.state for entry in desk.journal()} == {EntryState.FAILED}
        assert not desk.session().cut_off()


class TestVeryMany:
    """Above thirty cases the objects are read by lists, and each case is read again at the end of all."""

    @pytest.fixture
    def residents(self, town: Town) -> None:
        for number in range(34):
            town.failing(f"case{number}")

    async def test_is_checked_by_lists_and_read_again_whole(self, desk: Desk) -> None:
        chosen = desk.failing()
        desk.server.reset_counters()
        plans = [plan async for plan in desk.session().open_plan(ActionKind.FIX_DEFAULT, chosen)]
        assert [plan.checked for plan in plans] == [False, True]
        assert desk.server.counters()["total_stripe"] < len(chosen)
        results = await desk.run(plans[-1])
        assert {result.outcome for result in results} == {Outcome.DONE}
        assert desk.failing() == ()
        assert set(desk.payable()) == set(chosen)

    @pytest.mark.slow
    async def test_what_was_done_is_done_though_it_cannot_be_read_again(self, desk: Desk) -> None:
        plan, told, results = await desk.opened(ActionKind.FIX_DEFAULT, *desk.failing()), list[str](), []
        session = ActionSession(desk.settings, desk.clock, desk.database, tell=told.append)
        async for result in session.run(plan, "test"):
            results.append(result)
            desk.server.faults({"match": "GET /v1/subscriptions", "kind": "500", "times": None})
        assert [result.outcome for result in results] == [Outcome.DONE] * len(plan.steps)
        assert ["could not be read again" in text for text in told] == [True]


async def test_who_stops_listening_stops_nothing_half_way(desk: Desk) -> None:
    chosen = desk.payable()
    running = desk.session().run(await desk.opened(ActionKind.RETRY, *chosen), "test")
    await running.__anext__()
    await running.aclose()
    settled = [state for state in desk.states() if state is EntryState.DONE]
    assert len(settled) == len(desk.charged())
    assert EntryState.SENT not in desk.states()


class TestLinks:
    async def test_a_hosted_invoice_is_read_and_nothing_is_written(self, desk: Desk) -> None:
        result = await desk.one(ActionKind.RESEND_LINK, desk.failing()[0])
        assert result.outcome is Outcome.DONE
        assert (result.link or "").startswith("https://")
        assert desk.journal() == []

    async def test_no_link_is_kept_anywhere(self, desk: Desk) -> None:
        result = await desk.one(ActionKind.RESEND_LINK, desk.failing()[0])
        assert result.link is not None
        assert result.link not in repr(result)
        assert result_to_json(result)["link"] == result.link
        for file in desk.database.parent.iterdir():
            assert result.link.encode() not in file.read_bytes()


class TestFinish:
    """A set-up page makes nothing the default by itself."""

    @pytest.fixture
    def residents(self, town: Town) -> None:
        """A trial with a card of its own: its link is a set-up page."""
        customer, card = town.customer("dee")
        town.now(NOW - 10 * DAY)
        town.trial(customer, trial_end=NOW + DAY // 2, default_payment_method=card)

    @pytest.fixture
    async def waiting(self, desk: Desk) -> tuple[Desk, str, str]:
        """The page was made: the desk, the subscription, the session."""
        (subscription,) = (each["id"] for each in desk.town.engine.list("subscription"))
        result = await desk.one(ActionKind.RESEND_LINK, subscription)
        assert result.outcome is Outcome.DONE, result
        assert (result.link or "").startswith("https://")
        (finish,) = desk.session().finishes()
        assert (finish.subscription, finish.by) == (subscription, "test")
        return desk, subscription, finish.session

    async def test_waits_while_the_page_is_open(self, waiting: tuple[Desk, str, str]) -> None:
        desk, _, _ = waiting
        (finished,) = [each async for each in desk.session().run_finishes()]
        assert finished.state == "waiting"
        assert len(desk.session().finishes()) == 1

    async def test_sets_the_level_once_the_card_is_saved(self, waiting: tuple[Desk, str, str]) -> None:
        desk, subscription, session = waiting
        desk.server.play("complete_setup_checkout", session=session)
        (finished,) = [each async for each in desk.session().run_finishes()]
        assert finished.state == "done", finished
        intent = desk.stripe("setup_intent", desk.stripe("checkout.session", session)["setup_intent"])
        assert desk.stripe("subscription", subscription)["default_payment_method"] == intent["payment_method"]
        assert desk.session().finishes() == []
        assert [each async for each in desk.session().run_finishes()] == []

    async def test_charges_what_became_due_while_the_customer_waited(self, waiting: tuple[Desk, str, str]) -> None:
        desk, subscription, session = waiting
        desk.server.play("set_bank", card=desk.case(subscription).effective_payment_method, charge={})
        desk.clock.at = desk.server.advance(14 * 3_600)
        assert desk.stripe("subscription", subscription)["status"] == "past_due"
        new = desk.town.engine.issue_card(CardSpec(last4="5555"))
        desk.server.play("complete_setup_checkout", session=session, card=new)
        (finished,) = [each async for each in desk.session().run_finishes()]
        assert finished.state == "done", finished
        assert [result.step.action for result in finished.results] == [ActionKind.FIX_DEFAULT, ActionKind.RETRY]
        assert desk.stripe("subscription", subscription)["status"] == "active"
        assert desk.charged() == [desk.case(subscription).customer]
        assert {entry.by for entry in desk.journal()} == {"test", "test, after the set-up"}

    async def test_one_that_is_not_in_the_local_data_keeps_nobody_waiting(self, waiting: tuple[Desk, str, str]) -> None:
        desk, _, session = waiting
        desk.server.play("complete_setup_checkout", session=session)
        gone = replace(desk.session().finishes()[0], subscription="sub_gone")
        stripe = stripe_reader(desk.settings.stripe_key, desk.settings.stripe_base, clock=desk.clock)
        finished = await finish(gone, desk.session(), stripe)
        await stripe.close()
        assert (finished.state, finished.why) == ("waiting", "sub_gone is not in the local data.")

    async def test_waits_for_what_of_ours_has_no_answer_yet(self, waiting: tuple[Desk, str, str]) -> None:
        desk, subscription, session = waiting
        desk.server.play("complete_setup_checkout", session=session)
        path = f"/v1/subscriptions/{subscription}"
        entry = JournalEntry("p", subscription, ActionKind.FIX_DEFAULT, "POST", path, {}, "k", "", "", NOW)
        with Journal(desk.database) as journal:
            journal.sent(journal.intend(entry), NOW)
        (finished,) = [each async for each in desk.session().run_finishes()]
        assert finished.state == "waiting"
        assert (finished.why or "").startswith(f"POST {path} has no answer yet")

    async def test_is_dropped_when_the_page_expires(self, waiting: tuple[Desk, str, str]) -> None:
        desk, _, session = waiting
        desk.town.engine.expire_checkout_session(session)
        (finished,) = [each async for each in desk.session().run_finishes()]
        assert finished.state == "expired"
        assert desk.session().finishes() == []

    async def test_the_page_leaves_no_trace_on_disk(self, waiting: tuple[Desk, str, str]) -> None:
        desk, _, session = waiting
        address = desk.stripe("checkout.session", session)["url"]
        for file in desk.database.parent.iterdir():
            assert address.encode() not in file.read_bytes()


async def test_a_chosen_card_pays_without_becoming_the_default(desk: Desk) -> None:
    subscription = desk.failing()[0]
    card = desk.case(subscription).candidate_payment_method
    result = await desk.one(ActionKind.RETRY, subscription, Choices(payment_method=card))
    assert result.outcome is Outcome.DONE
    customer = desk.stripe("customer", desk.case(subscription).customer)
    assert customer["invoice_settings"]["default_payment_method"] is None
    assert desk.charged() == [desk.case(subscription).customer]


class TestPages:
    """The pages that are made: each by one request, none of them stored."""

    @pytest.fixture
    def residents(self, town: Town) -> None:
        """A trial without a card, one that was never paid and is lost, and a paused one that has a card by now."""
        lost, _ = town.customer("lost", card=None)
        town.engine.create_subscription(
            {"customer": lost, "items": [{"price": town.price}], "payment_behavior": "default_incomplete"}
        )
        paused, _ = town.customer("paused", card=None)
        town.trial(paused, days=20, trial_settings={"end_behavior": {"missing_payment_method": "pause"}})
        town.now(NOW - 20 * DAY)
        trial, _ = town.customer("trial", card=None)
        town.trial(trial, days=30)
        town.now(NOW - DAY)
        town.card(paused, default=True)

    def named(self, desk: Desk, name: str) -> str:
        """The subscription of a customer."""
        for each in desk.town.engine.list("subscription", {"status": "all"}):
            if desk.stripe("customer", each["customer"])["name"] == name:
                return str(each["id"])
        raise LookupError(name)

    async def test_a_portal_page_for_a_trial_without_a_card(self, desk: Desk) -> None:
        result = await desk.one(ActionKind.RESEND_LINK, self.named(desk, "trial"))
        assert result.outcome is Outcome.DONE, result
        assert [entry.path for entry in desk.journal()] == ["/v1/billing_portal/sessions"]
        assert (result.link or "").encode() not in desk.database.read_bytes()

    async def test_a_new_checkout_for_a_lost_one_and_none_once_he_bought_again(self, desk: Desk) -> None:
        lost = self.named(desk, "lost")
        plan = await desk.opened(ActionKind.RESEND_LINK, lost)
        customer = desk.case(lost).customer
        desk.town.card(customer, default=True)
        bought = desk.town.engine.create_subscription({"customer": customer, "items": [{"price": desk.town.price}]})
        (result,) = await desk.run(plan)
        assert (result.outcome, result.error) == (Outcome.SKIPPED, f"{bought['id']} bills the same price now")
        desk.town.engine.cancel_subscription(bought["id"], {})
        again = await desk.one(ActionKind.RESEND_LINK, lost)
        assert again.outcome is Outcome.DONE, again

    async def test_a_paused_subscription_is_resumed_once(self, desk: Desk) -> None:
        paused = self.named(desk, "paused")
        result = await desk.one(ActionKind.RESUME_SUBSCRIPTION, paused)
        assert result.outcome is Outcome.DONE, result
        assert desk.stripe("subscription", paused)["status"] == "active"
        assert desk.charged() == [desk.case(paused).customer]
        again = await desk.opened(ActionKind.RESUME_SUBSCRIPTION, paused)
        assert "not paused" in (again.steps[0].skipped or "")
