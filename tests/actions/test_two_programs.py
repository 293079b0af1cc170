"""Two ghl-triage on one workspace, each a process of its own: one writes at a time, and nothing is done twice."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from ghl_triage.actions.plan import Choices
from ghl_triage.model import ActionKind
from ghl_triage.sandbox.engine.api import CardSpec
from ghl_triage.store.journal import OPEN_STATES, EntryState, Journal
from tests.actions.doomed import Doomed, Told, session_of
from tests.actions.scenes import BY_NAME
from tests.actions.trial import Stage, staged
from tests.sandbox_server import NOW

pytestmark = pytest.mark.slow


def both(stage: Stage, *does: str, cases: tuple[str, ...] = ()) -> list[list[Told]]:
    """What the programs told that were started side by side; each came to its end by itself."""
    told = []
    for program in [Doomed(stage.order(each, cases=cases)) for each in does]:
        steps, finished = program.told()
        assert finished
        told.append(steps)
    return told


def test_both_retry_the_same_three_and_each_is_charged_once(tmp_path: Path) -> None:
    with staged(tmp_path, {"retry": 3}) as stage:
        cases = tuple(one.subscription for one in stage.peopled.residents["retry"])
        first, second = both(stage, ActionKind.RETRY, ActionKind.RETRY, cases=cases)
        assert {case for case, _, _ in first} == {case for case, _, _ in second} == set(cases)
        outcomes = Counter((case, outcome) for case, outcome, _ in (*first, *second))
        assert outcomes == Counter({(case, said): 1 for case in cases for said in ("done", "skipped")})
        assert len(stage.server.ledger()) == 3
        assert stage.server.double_paid() == []
        with Journal(stage.database) as journal:
            assert journal.verify().whole


def test_the_app_and_a_cron_job_follow_one_set_up_up_once(tmp_path: Path) -> None:
    with staged(tmp_path, {"finish": 1}) as stage:
        (waiting,) = session_of(stage.order("finish")).finishes()
        card = stage.peopled.town.engine.issue_card(CardSpec(last4="5555"))
        stage.server.play("complete_setup_checkout", session=waiting.session, card=card)
        told = [one for steps in both(stage, "finish", "finish") for one in steps]
        assert [(case, state) for case, state, _ in told] == [(waiting.subscription, "done")]
        assert len(stage.server.ledger()) == 1
        assert session_of(stage.order("finish")).finishes() == []


def test_two_resumes_at_once_settle_and_go_on_once(tmp_path: Path) -> None:
    with staged(tmp_path, {"retry": 3}) as stage:
        cases = tuple(one.subscription for one in stage.peopled.residents["retry"])
        _, finished = Doomed(stage.order(ActionKind.RETRY, cases=cases, dies="sent")).told()
        assert not finished
        both(stage, "resume", "resume")
        assert len(stage.server.ledger()) == 3
        assert stage.server.double_paid() == []
        assert not [entry for entry in stage.entries() if entry.state in OPEN_STATES]
        with sqlite3.connect(stage.database) as store:
            ends = store.execute(
                "SELECT count(*) FROM journal_events WHERE state NOT IN ('planned', 'sent') GROUP BY entry"
            ).fetchall()
        store.close()
        assert {count for (count,) in ends} == {1}, "no entry is settled twice"


def test_both_take_a_default_back_and_it_goes_once(tmp_path: Path) -> None:
    with staged(tmp_path, {"default_customer": 1}) as stage:
        (resident,) = stage.peopled.residents["default_customer"]
        cases = (resident.subscription,)
        assert [outcome for _, outcome, _ in stage.here(ActionKind.FIX_DEFAULT, cases=cases)] == ["done"]
        told = [one for steps in both(stage, ActionKind.UNDO, ActionKind.UNDO, cases=cases) for one in steps]
        assert sorted(outcome for _, outcome, _ in told) == ["done", "skipped"]
        undone = [entry for entry in stage.entries() if entry.undoes is not None and entry.state is EntryState.DONE]
        assert len(undone) == 1


def test_what_a_killed_program_left_is_seen_by_a_plan_that_was_open_before(tmp_path: Path) -> None:
    """The app shows a plan; a cron job takes the same case in hand and is killed; then the app gets its yes."""
    with staged(tmp_path, {"retry_declined": 1}) as stage:
        resident = stage.peopled.take(BY_NAME["retry_declined"])
        cases = (resident.subscription,)
        app = session_of(stage.order("retry"))

        async def open_and_yes() -> list[tuple[str, str | None]]:
            plan = [drawn async for drawn in app.open_plan(ActionKind.RETRY, cases, Choices())][-1]
            assert plan.to_send
            _, finished = Doomed(stage.order(ActionKind.RETRY, cases=cases, dies="answered")).told()
            assert not finished
            return [(result.outcome.value, result.error) async for result in app.run(plan, "app")]

        ((outcome, why),) = asyncio.run(open_and_yes())
        assert outcome == "skipped"
        assert why is not None
        assert "has no answer yet" in why
        assert [entry.state for entry in stage.entries()] == [EntryState.SENT]
        assert [outcome for _, outcome, _ in stage.here("resume", NOW + 60)] == ["declined"]
        assert list(stage.server.keys().values()) == [402]
