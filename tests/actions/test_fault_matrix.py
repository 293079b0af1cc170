"""Every write under every fault, killed at every moment: no harm, and the journal says what happened.

Here a sample; `benchmarks/faults.py` plays the whole of it.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from ghl_triage.actions import sending, settle
from ghl_triage.actions.sending import Answer, Sender
from ghl_triage.clock import Clock
from ghl_triage.model import Outcome, PlannedRequest
from tests.actions.scenes import BY_NAME, SCENES
from tests.actions.trial import Harm, Mishap, attempt, mishaps, needed, staged


def play(folder: Path, chosen: list[Mishap]) -> Harm:
    """These trials, on one town."""
    harm = Harm()
    with staged(folder, needed(chosen)) as stage:
        for mishap in chosen:
            attempt(stage, mishap, harm)
    return harm


@pytest.mark.slow
def test_a_few_mishaps_of_every_sort_do_no_harm(tmp_path: Path) -> None:
    """The worst ones, one for each way in which money moves."""
    chosen = [
        Mishap(BY_NAME["retry"], "timeout-after", 1, "answered", 1),
        Mishap(BY_NAME["retry_declined"], "500-after", 4, "held-after", 2),
        Mishap(BY_NAME["default_both"], "reset", 1, "between", 3),
        Mishap(BY_NAME["cancel_duplicate"], "refused", 1, "sent", 4),
    ]
    assert play(tmp_path, chosen).found == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_sample_of_the_matrix_does_no_harm(tmp_path: Path, seed: int) -> None:
    chosen = random.Random(seed).sample(mishaps(SCENES, seed), 12)  # noqa: S311
    assert play(tmp_path, chosen).found == []


def test_the_judge_sees_a_payment_that_is_told_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def believes(*_: object, **__: object) -> Answer:
        return Answer(Outcome.FAILED, error="surely not")

    monkeypatch.setattr(settle, "_answer", believes)
    harm = play(tmp_path, [Mishap(BY_NAME["retry_declined"], "", 0, "answered", 1)])
    assert set(harm.counts) == {"untrue"}


def test_the_judge_sees_a_key_that_was_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asks = sending.send

    async def with_another_key(sender: Sender, request: PlannedRequest, clock: Clock, *, unsure: bool) -> Answer:
        return await asks(sender, replace(request, idempotency_key="another"), clock, unsure=unsure)

    monkeypatch.setattr(settle, "send", with_another_key)
    harm = play(tmp_path, [Mishap(BY_NAME["default_customer"], "", 0, "sent", 3)])
    assert set(harm.counts) == {"not written down", "untrue"}
