"""Progress: what is counted, what is said, and how it travels to the app."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl_triage.errors import StoreLocked
from ghl_triage.model import PartState, SyncPart, SyncProgress
from ghl_triage.sync.progress import Board, progress_from_json, progress_to_json
from ghl_triage.sync.watch import LINES_A_SECOND, Announcer, cut_short

PARTS = st.builds(
    SyncPart,
    name=st.text(max_size=5),
    state=st.sampled_from(PartState),
    objects=st.integers(0, 10),
    error=st.none() | st.text(max_size=5),
    retry_at=st.none() | st.integers(0, 10),
)
PROGRESS = st.builds(
    SyncProgress,
    kind=st.sampled_from(["full", "tick", "reconcile"]),
    parts=st.lists(PARTS, max_size=3).map(tuple),
    requests=st.integers(0, 10),
    missing=st.lists(st.text(max_size=5), max_size=2).map(tuple),
    error=st.none() | st.text(max_size=5),
    finished=st.booleans(),
)


@given(PROGRESS)
def test_progress_travels_as_one_line(progress: SyncProgress) -> None:
    line = progress_to_json(progress)
    assert "\n" not in line
    assert progress_from_json(line) == progress


@pytest.mark.parametrize("line", ["", "{}", "[]", "null", "Traceback (most recent call last):", '{"parts": [1]}'])
def test_another_line_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="no progress"):
        progress_from_json(line)


def test_a_board_adds_up_and_tells_every_change() -> None:
    told: list[SyncProgress] = []
    board = Board("full", requests=lambda: 7, on_change=told.append)
    board.expect(["charges", "customers"])
    board.mark("charges", PartState.RUNNING)
    board.count("charges", 100)
    board.count("customers", 5)
    board.mark("charges", PartState.FAILED, error="Stripe answered 500.", retry_at=99)
    board.missing("HighLevel: no token")
    board.missing("HighLevel: no token")
    progress = told[-1]
    assert (progress.requests, progress.objects, progress.missing) == (7, 105, ("HighLevel: no token",))
    assert progress.failed_parts == (SyncPart("charges", PartState.FAILED, 100, "Stripe answered 500.", 99),)


def test_a_run_that_was_cut_short_keeps_what_was_known() -> None:
    parts = (SyncPart("charges", PartState.RUNNING, 5), SyncPart("customers", PartState.DONE, 7))
    last = cut_short(
        SyncProgress("full", parts, cases=12, synced_at=99), StoreLocked("A plan writes.", holder="a plan")
    )
    assert (last.cases, last.synced_at, last.finished, last.error) == (12, 99, True, "A plan writes.")
    assert [part.state for part in last.parts] == [PartState.WAITING, PartState.DONE]


@pytest.mark.anyio
async def test_few_lines_a_second_are_printed_and_the_last_word_always() -> None:
    lines: list[str] = []
    announce = Announcer(lines.append)
    loop = asyncio.get_running_loop()
    end = loop.time() + 0.6
    count = 0
    while loop.time() < end:
        count += 1
        announce(SyncProgress("full", requests=count))
        await asyncio.sleep(0.002)
    announce(SyncProgress("full", requests=count + 1, finished=True))
    assert len(lines) <= 0.6 * LINES_A_SECOND + 3
    assert progress_from_json(lines[-1]) == SyncProgress("full", requests=count + 1, finished=True)
