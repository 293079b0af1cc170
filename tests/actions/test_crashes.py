"""Silence, broken answers and sudden death: nothing is charged twice, and every entry comes to an end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest

from ghl_triage.actions import access
from ghl_triage.actions.bookkeeping import NOT_SENT
from ghl_triage.actions.plan import Plan
from ghl_triage.actions.settle import IN_FLIGHT, KEY_LIFE
from ghl_triage.errors import SourceError
from ghl_triage.model import ActionKind, Caps, Outcome, PlannedRequest, StepResult
from ghl_triage.sandbox.engine.api import StripeError
from ghl_triage.sources.stripe_writes import StripeWriter, Written
from ghl_triage.store.journal import EntryState, Journal, JournalEntry
from tests.actions.desk import Desk
from tests.actions.town import DAY, Town
from tests.sandbox_server import NOW

pytestmark = pytest.mark.anyio

NOT_EXECUTED = ["429", "429-no-reason", "lock", "500", "502-html", "timeout-before", "reset"]
EXECUTED = ["timeout-after", "500-after", "reset-mid-body", "truncated", "half-json"]
PAY = r"POST /v1/invoices/\w+/pay"


class Killed(BaseException):
    """The program dies here."""


class DiesBefore(StripeWriter):
    """Dies when the request is about to leave."""

    async def send(self, request: PlannedRequest) -> Written:
        raise Killed(request.path)


class DiesAfter(StripeWriter):
    """Dies when the answer arrives."""

    async def send(self, request: PlannedRequest) -> Written:
        with suppress(SourceError):
            await super().send(request)
        raise Killed


async def dying(desk: Desk, plan: Plan, how: type[StripeWriter], monkeypatch: pytest.MonkeyPatch) -> None:
    """Carry a plan out in a program that does not live to see its end."""
    monkeypatch.setattr(access, "StripeWriter", how)
    with pytest.raises(Killed):
        await desk.run(plan)
    monkeypatch.undo()


@pytest.mark.slow
class TestBadAnswers:
    """Every fault, each on a case of its own."""

    @pytest.fixture
    def residents(self, town: Town) -> None:
        town.mended(*(NOT_EXECUTED + EXECUTED))

    async def test_one_bad_answer_changes_nothing(self, desk: Desk) -> None:
        chosen = dict(zip(NOT_EXECUTED + EXECUTED, desk.payable(), strict=True))
        for kind, subscription in chosen.items():
            plan = await desk.opened(ActionKind.RETRY, subscription)
            desk.server.faults({"match": PAY, "kind": kind})
            (result,) = await desk.run(plan)
            assert result.outcome is Outcome.DONE, (kind, result)
        assert sorted(desk.charged()) == sorted(desk.case(each).customer for each in chosen.values())
        assert set(desk.states()) == {EntryState.DONE}
        assert len({entry.idempotency_key for entry in desk.journal()}) == len(chosen)

    async def test_no_answer_at_all_is_read_back_or_stays_unknown_until_it_is_settled(self, desk: Desk) -> None:
        cases = iter(desk.payable())
        paid = []
        for kind in EXECUTED:
            paid.append(subscription := next(cases))
            result = await self._silently(desk, kind, subscription)
            assert result.outcome is Outcome.DONE, (kind, result)
        for kind in ("500", "timeout-before", "reset"):
            paid.append(subscription := next(cases))
            result = await self._silently(desk, kind, subscription)
            assert result.outcome is Outcome.UNKNOWN, (kind, result)
            assert desk.states()[-1] is EntryState.UNKNOWN
            assert (await desk.opened(ActionKind.RETRY, subscription)).to_send == ()
        before = len(desk.journal())
        settled = [each async for each in desk.session().settle()]
        assert [each.outcome for each in settled] == [Outcome.DONE] * 3
        assert sorted(desk.charged()) == sorted(desk.case(each).customer for each in paid)
        assert set(desk.states()) == {EntryState.DONE}
        assert len(desk.journal()) == before

    async def _silently(self, desk: Desk, kind: str, subscription: str) -> StepResult:
        """A retry of which no answer comes whole, however often it is asked for."""
        plan = await desk.opened(ActionKind.RETRY, subscription)
        desk.server.faults({"match": PAY, "kind": kind, "times": None})
        (result,) = await desk.run(plan)
        desk.server.clear_faults()
        return result


async def test_a_decline_whose_answer_never_comes_is_read_from_its_charge(desk: Desk) -> None:
    subscription = desk.payable()[0]
    desk.server.play("set_bank", card=desk.case(subscription).effective_payment_method, charge={})
    plan = await desk.opened(ActionKind.RETRY, subscription)
    desk.server.faults({"match": PAY, "kind": "timeout-after", "times": None})
    (result,) = await desk.run(plan)
    assert result.outcome is Outcome.DECLINED
    assert "generic_decline" in (result.error or "") or "card_declined" in (result.error or "")
    assert desk.states() == [EntryState.DECLINED]
    assert desk.charged() == []


async def test_an_older_refusal_is_not_the_answer_to_a_payment_that_got_none(desk: Desk) -> None:
    subscription = desk.payable()[0]
    card = desk.case(subscription).effective_payment_method
    desk.server.play("set_bank", card=card, charge={"decline_code": "insufficient_funds"})
    with suppress(StripeError):
        desk.town.engine.pay_invoice(str(desk.case(subscription).invoice), {})
    desk.clock.at = desk.server.advance(3_600)
    plan = await desk.opened(ActionKind.RETRY, subscription)
    desk.server.faults({"match": PAY, "kind": "timeout-before", "times": None})
    (result,) = await desk.run(plan)
    assert result.outcome is Outcome.UNKNOWN, result


@pytest.mark.parametrize("dies", [DiesBefore, DiesAfter])
async def test_death_around_a_default(desk: Desk, dies: type[StripeWriter], monkeypatch: pytest.MonkeyPatch) -> None:
    subscription = desk.failing()[0]
    card = desk.case(subscription).candidate_payment_method
    await dying(desk, await desk.opened(ActionKind.FIX_DEFAULT, subscription), dies, monkeypatch)
    (settled,) = [each async for each in desk.session().settle()]
    assert settled.outcome is Outcome.DONE
    customer = desk.stripe("customer", desk.case(subscription).customer)
    assert customer["invoice_settings"]["default_payment_method"] == card
    assert [entry.state for entry in desk.journal()] == [EntryState.DONE]


class TestDefaults:
    """The same around the default card."""

    FAULTS = ("reset", "timeout-after", "500-after", "lock", "half-json")

    @pytest.fixture
    def residents(self, town: Town) -> None:
        for name in self.FAULTS:
            town.failing(name)

    async def test_one_bad_answer_changes_nothing(self, desk: Desk) -> None:
        for kind, subscription in zip(self.FAULTS, desk.failing(), strict=True):
            card = desk.case(subscription).candidate_payment_method
            plan = await desk.opened(ActionKind.FIX_DEFAULT, subscription)
            desk.server.faults({"match": r"POST /v1/customers/", "kind": kind})
            (result,) = await desk.run(plan)
            assert result.outcome is Outcome.DONE, (kind, result)
            customer = desk.stripe("customer", desk.case(subscription).customer)
            assert customer["invoice_settings"]["default_payment_method"] == card


@pytest.mark.parametrize("dies", [DiesBefore, DiesAfter])
async def test_death_between_sending_and_recording(
    desk: Desk, dies: type[StripeWriter], monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = desk.payable()
    plan = await desk.opened(ActionKind.RETRY, *chosen)
    await dying(desk, plan, dies, monkeypatch)
    (old,) = desk.session().cut_off()
    assert {entry.case for entry in (*old.unanswered, *old.unsent)} == set(chosen)
    assert {entry.state for entry in old.unanswered} == {EntryState.SENT}

    settled = [each async for each in desk.session(caps=Caps(payments_per_second=2)).settle()]
    assert {each.outcome for each in settled} == {Outcome.DONE}
    assert desk.clock.slept == ([0.5] if dies is DiesBefore else []), "what is sent anew keeps the pace"
    (old,) = desk.session().cut_off() or [old]
    rest = [drawn async for drawn in desk.session().open_rest(old)][-1]
    results = await desk.run(rest)
    assert {result.outcome for result in results} <= {Outcome.DONE}
    assert desk.session().cut_off() == []
    assert sorted(desk.charged()) == sorted(desk.case(each).customer for each in chosen)
    for entry in desk.journal():
        assert entry.state is EntryState.DONE or (entry.error or "").startswith(NOT_SENT)


class TestRest:
    """A plan of three died at its first two requests; one was never sent."""

    @pytest.fixture
    async def unsent(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> str:
        plan = await desk.opened(ActionKind.RETRY, *desk.payable())
        await dying(desk, plan, DiesBefore, monkeypatch)
        [_ async for _ in desk.session().settle()]
        (old,) = desk.session().cut_off()
        (case,) = old.rest
        return case

    async def test_blocks_its_case_until_it_is_given_up(self, desk: Desk, unsent: str) -> None:
        assert (await desk.opened(ActionKind.RETRY, unsent)).to_send == ()
        (old,) = desk.session().cut_off()
        await desk.session().discard(old)
        assert desk.session().cut_off() == []
        assert (await desk.opened(ActionKind.RETRY, unsent)).to_send

    async def test_what_was_given_up_meanwhile_is_not_sent(self, desk: Desk, unsent: str) -> None:
        (old,) = desk.session().cut_off()
        rest = [drawn async for drawn in desk.session().open_rest(old)][-1]
        assert [step.case for step in rest.to_send] == [unsent]
        await desk.session().discard(old)
        (result,) = await desk.run(rest)
        assert (result.outcome, result.error) == (Outcome.SKIPPED, "another ghl-triage went on with it meanwhile")
        assert len(desk.charged()) == 2

    async def test_what_is_left_of_a_batch_is_as_careful_as_the_batch(self, desk: Desk, unsent: str) -> None:
        desk.town.engine.mark_invoice_uncollectible(str(desk.case(unsent).invoice))
        assert (await desk.opened(ActionKind.RETRY, unsent)).steps[0].case == unsent
        (old,) = desk.session().cut_off()
        rest = [drawn async for drawn in desk.session().open_rest(old)][-1]
        assert "a batch does not charge it" in (rest.steps[0].skipped or "")

    async def test_is_over_when_nothing_of_it_can_be_done_any_more(self, desk: Desk, unsent: str) -> None:
        desk.server.play("pay_hosted_invoice", invoice=desk.case(unsent).invoice)
        (old,) = desk.session().cut_off()
        rest = [drawn async for drawn in desk.session().open_rest(old)][-1]
        assert [result.outcome for result in await desk.run(rest)] == [Outcome.SKIPPED]
        assert desk.session().cut_off() == []
        assert len(desk.charged()) == 3


async def test_what_is_left_of_a_plan_is_over_when_its_case_is_gone(desk: Desk) -> None:
    with Journal(desk.database) as journal:
        journal.intend(JournalEntry("p", "sub_gone", "retry", "POST", "/v1/invoices/in_1/pay", {}, "k", "", "", NOW))
    (old,) = desk.session().cut_off()
    rest = [drawn async for drawn in desk.session().open_rest(old)][-1]
    assert rest.to_send == ()
    assert [result.step.case for result in await desk.run(rest)] == ["sub_gone"]
    assert desk.session().cut_off() == []


class TestSettling:
    """A payment left and no answer came; meanwhile the world moves."""

    @pytest.fixture
    async def hanging(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> str:
        """A case whose payment never reached Stripe, though nobody can know."""
        subscription = desk.payable()[0]
        plan = await desk.opened(ActionKind.RETRY, subscription)
        await dying(desk, plan, DiesBefore, monkeypatch)
        return subscription

    async def settled(self, desk: Desk) -> Outcome:
        (settled,) = [each async for each in desk.session().settle()]
        return settled.outcome

    @pytest.mark.usefixtures("hanging")
    async def test_older_than_stripe_keeps_keys_is_not_sent_blindly(self, desk: Desk) -> None:
        desk.clock.at += KEY_LIFE + 60
        assert await self.settled(desk) is Outcome.FAILED
        assert desk.charged() == []
        assert desk.session().cut_off() == []

    async def test_a_canceled_subscription_is_not_charged_any_more(self, desk: Desk, hanging: str) -> None:
        desk.town.engine.cancel_subscription(hanging, {})
        assert await self.settled(desk) is Outcome.UNKNOWN
        desk.clock.at += IN_FLIGHT + 60
        assert await self.settled(desk) is Outcome.FAILED
        assert desk.charged() == []

    async def test_paid_by_the_customer_meanwhile(self, desk: Desk, hanging: str) -> None:
        desk.server.play("pay_hosted_invoice", invoice=desk.case(hanging).invoice)
        assert await self.settled(desk) is Outcome.FAILED
        assert len(desk.charged()) == 1
        (entry,) = desk.journal()
        assert entry.error == "it was paid meanwhile, not by this request"

    @pytest.mark.usefixtures("hanging")
    async def test_stripe_unreachable_leaves_it_for_next_time(self, desk: Desk) -> None:
        desk.server.faults({"match": ".", "kind": "reset", "times": None})
        assert await self.settled(desk) is Outcome.UNKNOWN
        desk.server.clear_faults()
        assert await self.settled(desk) is Outcome.DONE
        assert len(desk.charged()) == 1


class TestPages:
    """A page whose making was cut off: the same key gives the same page."""

    @pytest.fixture
    def residents(self, town: Town) -> None:
        customer, card = town.customer("dee")
        town.now(NOW - 10 * DAY)
        town.trial(customer, days=15, default_payment_method=card)

    async def test_settling_gives_the_link_and_queues_what_follows(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (subscription,) = (each["id"] for each in desk.town.engine.list("subscription"))
        await dying(desk, await desk.opened(ActionKind.RESEND_LINK, subscription), DiesAfter, monkeypatch)
        assert desk.session().finishes() == []
        (settled,) = [each async for each in desk.session().settle()]
        (page,) = desk.town.engine.list("checkout.session")
        assert (settled.outcome, settled.link) == (Outcome.DONE, page["url"])
        assert [finish.session for finish in desk.session().finishes()] == [page["id"]]


SCRIPT = """
import asyncio, json, sys
from pathlib import Path
from ghl_triage.actions.session import ActionSession
from ghl_triage.clock import FixedClock
from ghl_triage.config import Settings
from ghl_triage.actions.plan import Plan
from ghl_triage.model import ActionKind, Caps

async def main(base, database, now, chosen):
    settings = Settings("rk_test_sandbox", base, False, database.parent, database.parent, rate=0,
                        caps=Caps(payments_per_second=0))
    session = ActionSession(settings, FixedClock(now), database)
    plan = [plan async for plan in session.open_plan(ActionKind.RETRY, chosen)][-1]
    async for result in session.run(plan, "doomed"):
        pass

given = json.loads(sys.argv[1])
asyncio.run(main(given["base"], Path(given["database"]), given["now"], given["chosen"]))
"""


async def test_kill_nine_while_the_payment_is_on_its_way(desk: Desk) -> None:
    chosen = desk.payable()
    desk.server.faults({"match": PAY, "kind": "timeout-after", "times": None})
    given: Mapping[str, Any] = {
        "base": desk.server.stripe_base,
        "database": str(desk.database),
        "now": desk.clock.now(),
        "chosen": chosen,
    }
    environment = {name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONPATH", "HOME")}
    doomed = subprocess.Popen([sys.executable, "-c", textwrap.dedent(SCRIPT), json.dumps(given)], env=environment)
    deadline = time.monotonic() + 20
    while len(desk.server.ledger()) < 2 and time.monotonic() < deadline:
        assert doomed.poll() is None
    doomed.send_signal(signal.SIGKILL)
    doomed.wait()
    desk.server.clear_faults()

    (old,) = desk.session().cut_off()
    assert (len(old.unanswered), len(old.unsent)) == (2, 1)
    settled = [each async for each in desk.session().settle()]
    assert {each.outcome for each in settled} == {Outcome.DONE}
    rest = [drawn async for drawn in desk.session().open_rest(old)][-1]
    (result,) = await desk.run(rest)
    assert result.outcome is Outcome.DONE
    assert sorted(desk.charged()) == sorted(desk.case(each).customer for each in chosen)
    assert desk.session().cut_off() == []
