"""What else acts: the retry policy that was played is the one that is inferred, and nothing is said of too few."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl_triage.highlevel import HighLevelWorkflow
from ghl_triage.model import Confidence, Path
from ghl_triage.report.acting import acting
from ghl_triage.report.acting_layout import blocks
from ghl_triage.report.document import Block, Bullets, Paragraph, Table
from ghl_triage.report.retry_policy import Policy, Schedule, Sureness, policy
from ghl_triage.trial import FirstCharge, SetUp, Trial, TrialState, Try
from ghl_triage.workspace_file import Acts

HOUR, DAY = 3_600, 86_400
NOW = 1_795_392_000
SCHEDULE = (3 * DAY, 5 * DAY, 7 * DAY, 14 * DAY)


def trial(number: int, offsets: tuple[int, ...], *, ago: int = 40, **changes: Any) -> Trial:
    """A trial whose first charge was refused so many days ago, and retried at these distances."""
    first = NOW - ago * DAY + number
    tries = tuple(Try(first + offset, ok=False) for offset in (0, *offsets))
    usual: dict[str, Any] = {
        "subscription": f"sub_{number}", "customer": f"cus_{number}", "path": Path.API, "price": "price_1",
        "confidence": Confidence.STRONG, "currency": "usd", "amount": 9_700, "created": first - 30 * DAY,
        "trial_start": first - 30 * DAY, "trial_end": first - HOUR, "status": "past_due", "state": TrialState.OPEN,
        "first_charge": FirstCharge.FAILED, "set_up": SetUp.OFF_SESSION, "code": "insufficient_funds", "tries": tries,
    }  # fmt: skip
    return Trial(**(usual | changes))


def inferred(trials: list[Trial], next_retries: dict[str, int | None] | None = None) -> Policy:
    return policy(trials, next_retries or {}, NOW)


def text_of(shown: tuple[Block, ...]) -> str:
    parts: list[str] = []
    for block in shown:
        parts += block.items if isinstance(block, Bullets) else [block.text] if isinstance(block, Paragraph) else []
        parts += [cell for row in block.rows for cell in row] if isinstance(block, Table) else []
    return "\n".join(parts)


def test_a_fixed_schedule_is_read_with_its_number_and_its_end() -> None:
    found = inferred([trial(number, SCHEDULE, status="canceled", state=TrialState.LOST) for number in range(25)])
    assert (found.schedule, found.schedule_sure) == (Schedule.FIXED, Sureness.FIRM)
    assert [retry.middle for retry in found.retries] == list(SCHEDULE)
    assert (found.usual, found.usual_sure) == (4, Sureness.FIRM)
    assert (found.end, found.end_sure, found.over) == ("canceled", Sureness.FIRM, 25)


def test_smart_retries_are_told_from_a_schedule_by_their_spread() -> None:
    dice = random.Random(5)  # noqa: S311
    trials = [trial(number, (dice.randrange(DAY, 4 * DAY), dice.randrange(5 * DAY, 9 * DAY))) for number in range(12)]
    found = inferred(trials)
    assert (found.schedule, found.schedule_sure) == (Schedule.VARYING, Sureness.LIKELY)
    assert (found.usual, found.usual_sure) == (2, Sureness.LIKELY)


def test_who_left_before_the_last_retry_says_nothing_of_the_settings() -> None:
    whole = [trial(number, SCHEDULE, status="unpaid") for number in range(5)]
    left = [trial(number, SCHEDULE[:1], status="canceled", state=TrialState.LOST) for number in range(5, 25)]
    found = policy([*whole, *left], {}, NOW, by_choice={each.subscription for each in left})
    assert (found.usual, found.end, found.over) == (4, "unpaid", 5)
    assert found.retries[0].seen == 25, "their distances are Stripe's all the same"


def test_no_retries_at_all_are_seen_as_such_once_enough_invoices_are_over() -> None:
    found = inferred([trial(number, (), status="unpaid") for number in range(6)])
    assert (found.schedule, found.end, found.usual) == (Schedule.NONE, "unpaid", 0)


@pytest.mark.parametrize("count", [0, 1, 4])
def test_of_too_few_nothing_is_said(count: int) -> None:
    found = inferred([trial(number, SCHEDULE) for number in range(count)])
    assert (found.schedule, found.usual, found.end) == (Schedule.UNKNOWN, None, None)
    assert found.schedule_sure is found.usual_sure is found.end_sure is Sureness.TOO_FEW


def test_invoices_that_still_have_a_next_attempt_say_nothing_of_number_and_end() -> None:
    running = [trial(number, SCHEDULE[:1], ago=4) for number in range(30)]
    waiting: dict[str, int | None] = {each.subscription: each.tries[-1].at + 2 * DAY for each in running}
    found = inferred(running, waiting)
    assert (found.schedule, found.over, found.usual, found.end) == (Schedule.FIXED, 0, None, None)
    assert (found.scheduled, found.longest_wait) == (30, 2 * DAY)


def test_our_own_tries_and_hard_codes_do_not_blur_the_schedule() -> None:
    theirs = [trial(number, SCHEDULE) for number in range(8)]
    ours = [
        trial(100 + number, (), tries=(*each.tries, Try(each.tries[0].at + number * HOUR, ok=False, ours=True)))
        for number, each in enumerate(theirs)
    ]
    hard = [trial(200 + number, (number * DAY,), code="authentication_required") for number in range(20)]
    found = inferred([*theirs, *ours, *hard])
    assert found.schedule is Schedule.FIXED
    assert (found.invoices, found.passed_over) == (16, 20)
    assert found.usual == 4


@given(
    st.lists(st.integers(1, 20), min_size=1, max_size=6, unique=True).map(sorted),
    st.integers(5, 40),
    st.integers(0, 2 * HOUR),
    st.randoms(use_true_random=False),
)
def test_any_schedule_that_was_played_is_found_whatever_the_order(
    days: list[int], count: int, jitter: int, dice: random.Random
) -> None:
    played = [
        trial(number, tuple(day * DAY + dice.randint(0, jitter) for day in days), ago=60) for number in range(count)
    ]
    found = inferred(played)
    dice.shuffle(played)
    assert inferred(played) == found
    assert found.schedule is Schedule.FIXED
    assert found.usual == len(days)
    assert all(0 <= retry.middle - day * DAY <= jitter for retry, day in zip(found.retries, days, strict=True))


def test_confirmed_words_stand_beside_the_inferred_and_workflows_are_listed() -> None:
    flows = [HighLevelWorkflow("1", "Dunning [1]", "published", NOW), HighLevelWorkflow("2", "Old", "draft", None)]
    told = acting(
        [trial(number, SCHEDULE) for number in range(9)],
        [],
        workflows=flows,
        confirmed=Acts(retry_policy="Custom, 4 tries"),
        now=NOW,
    )
    text = text_of(blocks(told, day=str))
    assert "Confirmed: Custom, 4 tries" in text
    assert "Inferred: probably a schedule of your own" in text
    assert "14 days" in text
    assert "Dunning [1]" in text
    assert "Old" not in text
    assert "Not confirmed yet." in text
    assert "ghl-triage confirm stripe-emails" in text
    unread = acting([], [], workflows=[], confirmed=Acts(), now=NOW)
    assert "no published workflow is known" in text_of(blocks(unread, day=str))
    assert "too few retries" in text_of(blocks(unread, day=str))
