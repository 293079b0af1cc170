"""`ghl-triage resume`: what hangs is told, asked about, and gone on with or given up."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from ghl_triage.cli.carrying import Wish
from ghl_triage.cli.resuming import resume_plans
from ghl_triage.errors import StoreLocked
from ghl_triage.model import ActionKind
from ghl_triage.store.lock import WriteLock
from tests.actions.desk import Desk
from tests.actions.test_crashes import DiesBefore, dying

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture
async def cut_off(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A batch of three died at its first two payments; the third was never sent."""
    await dying(desk, await desk.opened(ActionKind.RETRY, *desk.payable()), DiesBefore, monkeypatch)
    return desk


def typed(monkeypatch: pytest.MonkeyPatch, *answers: str) -> Iterator[str]:
    """What the user types, prompt after prompt."""
    left = iter(answers)
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: next(left))
    return left


@pytest.mark.parametrize(("answers", "hangs"), [(("y", "no", ""), True), (("y", "no", "y"), False)])
async def test_what_nobody_wants_any_more_is_given_up_only_when_asked_for(
    cut_off: Desk, monkeypatch: pytest.MonkeyPatch, answers: tuple[str, ...], hangs: bool
) -> None:
    left = typed(monkeypatch, *answers)
    await resume_plans(cut_off.session(), Wish(apply=True, yes=False, live=False, as_json=False), livemode=False)
    assert list(left) == []
    assert len(cut_off.charged()) == 2
    assert bool(cut_off.session().cut_off()) is hangs


async def test_a_yes_goes_on_and_nothing_more_is_asked(cut_off: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    left = typed(monkeypatch, "y", "y")
    await resume_plans(cut_off.session(), Wish(apply=True, yes=False, live=False, as_json=False), livemode=False)
    assert list(left) == []
    assert len(cut_off.charged()) == 3
    assert cut_off.session().cut_off() == []


async def test_without_a_yes_nothing_is_settled(cut_off: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    before, hanging = cut_off.charged(), cut_off.session().cut_off()
    typed(monkeypatch, "")
    await resume_plans(cut_off.session(), Wish(apply=True, yes=False, live=False, as_json=False), livemode=True)
    assert cut_off.charged() == before
    assert cut_off.session().cut_off() == hanging


async def test_what_was_settled_is_told_though_the_rest_broke_off(
    cut_off: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    session = cut_off.session()
    settles, somebody = session.settle, WriteLock(cut_off.database, "sync")

    async def then_somebody_else_writes() -> object:
        async for settled in settles():
            yield settled
        somebody.acquire()

    monkeypatch.setattr(session, "settle", then_somebody_else_writes)
    with pytest.raises(StoreLocked):
        await resume_plans(session, Wish(apply=True, yes=True, live=False, as_json=True), livemode=False)
    somebody.release()
    document = json.loads(capsys.readouterr().out)
    assert [settled["outcome"] for settled in document["settled"]] == ["done", "done"]
    assert (document["plans"], len(document["cut_off"])) == ([], 1)
