"""What left and has no answer, while the world moved: nothing is sent that the yes does not cover any more, and the
journal says what Stripe did.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from ghl_triage.actions import settle
from ghl_triage.actions.bookkeeping import record
from ghl_triage.actions.facts import Subject
from ghl_triage.actions.plan import Choices
from ghl_triage.actions.readback import read_back
from ghl_triage.actions.sending import Answer
from ghl_triage.actions.settle import IN_FLIGHT, KEY_LIFE, Settled
from ghl_triage.actions.wanted import unwanted
from ghl_triage.model import ActionKind, Outcome, PlannedRequest, PlanStep
from ghl_triage.sandbox.engine.api import CardSpec, StripeError
from ghl_triage.sources.stripe import stripe_reader
from ghl_triage.store.journal import EntryState, Journal, JournalEntry
from ghl_triage.store.state import Account
from ghl_triage.store.writer import Writer
from tests.actions.desk import Desk
from tests.actions.test_crashes import DiesAfter, DiesBefore, dying
from tests.actions.town import DAY, Town
from tests.sandbox_server import NOW

pytestmark = pytest.mark.anyio


@pytest.fixture
def residents(town: Town) -> None:
    """Ann's card is not the default; Bob's is by now."""
    town.failing("ann")
    town.mended("bob")


async def settled(desk: Desk, later: int = 0) -> Settled:
    """The one entry that hangs, settled so many seconds later."""
    desk.clock.at += later
    (found,) = [each async for each in desk.session().settle()]
    return found


def default_of(desk: Desk, customer: str) -> object:
    return desk.stripe("customer", customer)["invoice_settings"]["default_payment_method"]


class TestDefaults:
    @pytest.fixture
    def ann(self, desk: Desk) -> str:
        return desk.failing()[0]

    async def test_one_that_was_never_set_does_not_overwrite_what_the_customer_chose_since(
        self, desk: Desk, ann: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await dying(desk, await desk.opened(ActionKind.FIX_DEFAULT, ann), DiesBefore, monkeypatch)
        theirs = desk.town.card(desk.case(ann).customer, default=True)
        waits = await settled(desk)
        assert waits.outcome is Outcome.UNKNOWN
        assert "settle it in 10 min" in (waits.error or "")
        over = await settled(desk, IN_FLIGHT + 60)
        assert (over.outcome, over.error) == (
            Outcome.FAILED,
            "it left no trace at Stripe, and now: another default was set since",
        )
        assert default_of(desk, desk.case(ann).customer) == theirs

    async def test_one_that_was_set_and_changed_since_is_known_by_stripes_events(
        self, desk: Desk, ann: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await dying(desk, await desk.opened(ActionKind.FIX_DEFAULT, ann), DiesAfter, monkeypatch)
        theirs = desk.town.card(desk.case(ann).customer, default=True)
        found = await settled(desk)
        assert found.outcome is Outcome.DONE
        assert "Stripe's events say that it was done" in (found.detail or "")
        assert default_of(desk, desk.case(ann).customer) == theirs

    async def test_a_card_that_is_gone_ends_the_matter(
        self, desk: Desk, ann: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        card = desk.case(ann).candidate_payment_method
        await dying(desk, await desk.opened(ActionKind.FIX_DEFAULT, ann), DiesBefore, monkeypatch)
        desk.server.play("detach_payment_method", payment_method=card)
        assert (await settled(desk)).outcome is Outcome.FAILED
        assert desk.session().cut_off() == []


class TestPayments:
    @pytest.fixture
    def bob(self, desk: Desk) -> str:
        return desk.payable()[0]

    async def test_another_card_is_not_charged_for_the_yes_to_the_first(
        self, desk: Desk, bob: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await dying(desk, await desk.opened(ActionKind.RETRY, bob), DiesBefore, monkeypatch)
        other = desk.town.engine.issue_card(CardSpec(last4="5555"))
        desk.town.card(desk.case(bob).customer, other, default=True)
        found = await settled(desk, IN_FLIGHT + 60)
        assert found.outcome is Outcome.FAILED
        assert "another card would be charged now" in (found.error or "")
        assert desk.charged() == []

    async def test_another_amount_is_not_what_the_yes_was_given_to(
        self, desk: Desk, bob: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await dying(desk, await desk.opened(ActionKind.RETRY, bob), DiesBefore, monkeypatch)
        session = desk.session()

        async def cheaper(entry: JournalEntry, choices: Choices) -> tuple[PlanStep, Subject]:
            step, subject = await session._redrawn(entry, choices)
            return replace(step, amount=4_700), subject

        stripe = stripe_reader(desk.settings.stripe_key, desk.settings.stripe_base, clock=desk.clock)
        with Journal(desk.database) as journal:
            (entry,) = journal.open_entries()
            request = PlannedRequest(entry.method, entry.path, entry.params, entry.idempotency_key, entry.shown)
            said = [
                await unwanted(request, entry, journal, stripe, redraw, desk.clock.now())
                for redraw in (session._redrawn, cheaper)
            ]
        await stripe.close()
        assert said == [None, "the amount changed from 9700 to 4700"]

    @pytest.mark.parametrize("later", [60, KEY_LIFE + 60])
    async def test_a_decline_stays_one_though_the_customer_paid_since(
        self, desk: Desk, bob: str, monkeypatch: pytest.MonkeyPatch, later: int
    ) -> None:
        desk.server.play("set_bank", card=desk.case(bob).effective_payment_method, charge={})
        await dying(desk, await desk.opened(ActionKind.RETRY, bob), DiesAfter, monkeypatch)
        desk.server.play("pay_hosted_invoice", invoice=desk.case(bob).invoice)
        found = await settled(desk, later)
        assert found.outcome is Outcome.DECLINED
        assert len(desk.charged()) == 1

    async def test_a_forgotten_key_of_a_payment_that_was_made_is_not_mistaken(
        self, desk: Desk, bob: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await dying(desk, await desk.opened(ActionKind.RETRY, bob), DiesAfter, monkeypatch)
        assert (await settled(desk, KEY_LIFE + 60)).outcome is Outcome.DONE
        assert len(desk.charged()) == 1

    async def test_the_age_of_a_key_is_told_by_stripes_clock(
        self, desk: Desk, bob: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """This machine's clock lags until Stripe's first answer sets it right: the key is older than it seems."""
        await dying(desk, await desk.opened(ActionKind.RETRY, bob), DiesBefore, monkeypatch)

        async def sets_the_clock(*given: Any) -> Answer:
            desk.clock.at = NOW + KEY_LIFE + 60
            return await read_back(*given)

        monkeypatch.setattr(settle, "read_back", sets_the_clock)
        desk.clock.at = NOW - 3 * DAY
        over = await settled(desk)
        assert (over.outcome, "its key is forgotten" in (over.error or "")) == (Outcome.FAILED, True)
        assert desk.charged() == []

    async def test_a_key_that_grew_old_while_the_machine_slept_is_not_sent(
        self, desk: Desk, bob: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await dying(desk, await desk.opened(ActionKind.RETRY, bob), DiesBefore, monkeypatch)

        async def sleeps(*_: object) -> None:
            desk.clock.at += KEY_LIFE + 60

        monkeypatch.setattr(settle, "unwanted", sleeps)
        over = await settled(desk)
        assert (over.outcome, "its key is forgotten" in (over.error or "")) == (Outcome.FAILED, True)
        assert desk.charged() == []

    async def test_a_payment_is_ours_though_its_events_are_gone(
        self, desk: Desk, bob: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await dying(desk, await desk.opened(ActionKind.RETRY, bob), DiesAfter, monkeypatch)
        found = await settled(desk, desk.server.advance(31 * DAY) - NOW)
        assert found.outcome is Outcome.DONE
        assert len(desk.charged()) >= 1

    @pytest.mark.parametrize("later", [60, KEY_LIFE + 60])
    async def test_stripes_own_refusal_is_not_taken_for_ours(
        self, desk: Desk, bob: str, monkeypatch: pytest.MonkeyPatch, later: int
    ) -> None:
        await dying(desk, await desk.opened(ActionKind.RETRY, bob), DiesBefore, monkeypatch)
        lost = {"decline_code": "lost_card", "advice_code": "do_not_try_again"}
        desk.server.play("set_bank", card=desk.case(bob).effective_payment_method, charge=lost)
        with suppress(StripeError):
            desk.town.engine.pay_invoice(str(desk.case(bob).invoice), {})
        found = await settled(desk, later)
        if found.outcome is Outcome.UNKNOWN:
            found = await settled(desk, IN_FLIGHT)
        assert found.outcome is Outcome.FAILED
        assert "left no trace" in (found.error or "")
        assert [key for key, status in desk.server.keys().items() if status] == []

    async def test_a_case_that_is_gone_ends_the_matter_and_holds_up_nobody(self, desk: Desk, bob: str) -> None:
        path = f"/v1/invoices/{desk.case(bob).invoice}/pay"
        entry = JournalEntry("p", "sub_gone", "retry", "POST", path, {"off_session": True}, "k", "", "", NOW)
        with Journal(desk.database) as journal:
            journal.sent(journal.intend(entry), NOW)
        over = await settled(desk, IN_FLIGHT + 60)
        assert over.outcome is Outcome.FAILED
        assert "sub_gone is not in the local data" in (over.error or "")
        assert desk.charged() == []

    async def test_a_fault_that_stripe_keeps_as_the_answer_ends_when_nothing_can_come_any_more(
        self, desk: Desk, bob: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await dying(desk, await desk.opened(ActionKind.RETRY, bob), DiesBefore, monkeypatch)
        desk.server.faults({"match": "POST /v1/invoices/", "kind": "500-replayed", "times": None})
        assert (await settled(desk)).outcome is Outcome.UNKNOWN
        over = await settled(desk, IN_FLIGHT + 60)
        assert over.outcome is Outcome.FAILED
        assert "a fault of its own" in (over.error or "")
        assert desk.session().cut_off() == []

    async def test_the_journal_names_workspace_account_and_who_said_yes(self, desk: Desk, bob: str) -> None:
        desk.settings = replace(desk.settings, name="acme")
        with Writer(desk.database) as writer:
            writer.set_account(Account("acct_1", "Acme", livemode=False))
        await desk.one(ActionKind.RETRY, bob)
        (entry,) = desk.journal()
        with Journal(desk.database) as journal:
            plan = journal.plan(entry.plan)
        assert plan is not None
        assert (plan.shown["workspace"], plan.by, plan.created) == ("acme", "test", desk.clock.now())
        assert plan.shown["account"] == "acct_1"
        assert plan.shown["steps"][0]["card"] == desk.case(bob).effective_payment_method


class TestDuplicates:
    """A DELETE has no key at Stripe: it is read first, and sent again only where the other subscription stays."""

    @pytest.fixture
    def residents(self, town: Town) -> None:
        ann, _ = town.customer("ann", default=True)
        town.trial(ann, days=20)
        town.now(NOW - 35 * DAY)
        other = str(town.engine.create_customer({"email": "ann@town.test", "name": "Ann"})["id"])
        town.trial(other, days=30)

    @pytest.fixture
    async def duplicate(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> str:
        """A duplicate whose cancellation never reached Stripe, though nobody can know."""
        (found,) = desk.duplicates("ann@town.test")
        await dying(desk, await desk.opened(ActionKind.CANCEL_DUPLICATE, found), DiesBefore, monkeypatch)
        return found

    async def test_is_canceled_while_the_other_stays(self, desk: Desk, duplicate: str) -> None:
        assert (await settled(desk)).outcome is Outcome.DONE
        assert desk.stripe("subscription", duplicate)["status"] == "canceled"

    async def test_is_left_alone_once_the_other_is_gone(self, desk: Desk, duplicate: str) -> None:
        (keeper,) = [each["id"] for each in desk.town.engine.list("subscription") if each["status"] == "active"]
        desk.town.engine.cancel_subscription(keeper, {})
        assert (await settled(desk, IN_FLIGHT + 60)).outcome is Outcome.FAILED
        assert desk.stripe("subscription", duplicate)["status"] == "past_due"


class TestUndoRest:
    """An undo was killed before its request left."""

    @pytest.fixture
    def residents(self, town: Town) -> None:
        customer, card = town.customer("gus")
        old = town.card(customer, "tok_chargeCustomerFail")
        town.trial(customer, default_payment_method=old)
        town.engine.update_customer(customer, {"invoice_settings": {"default_payment_method": card}})

    async def test_only_what_it_was_about_is_taken_back(self, desk: Desk) -> None:
        (subscription,) = (each["id"] for each in desk.town.engine.list("subscription"))
        fixed = await desk.one(ActionKind.FIX_DEFAULT, subscription)
        assert fixed.outcome is Outcome.DONE
        ours = desk.stripe("subscription", subscription)["default_payment_method"]
        plan = await desk.opened(ActionKind.UNDO, subscription)
        with Journal(desk.database) as journal:
            record(journal, plan, "killed", desk.clock.now(), {})
        (old,) = desk.session().cut_off()
        rest = [drawn async for drawn in desk.session().open_rest(old)][-1]
        assert [request.undoes for request in rest.to_send[0].requests] == [desk.journal()[0].id]
        (result,) = await desk.run(rest)
        assert result.outcome is Outcome.DONE
        assert desk.stripe("subscription", subscription)["default_payment_method"] != ours
        assert EntryState.PLANNED not in {entry.state for entry in desk.journal()}
