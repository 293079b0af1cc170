"""What the sandbox's stories say of their trials, and which trials are counted otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ghl_triage.sandbox.stories import STORIES
from ghl_triage.trial import Trial, TrialState

_STATES = {
    "trialing": {TrialState.RUNNING, TrialState.CANCELED},
    "paid_first": {TrialState.CONVERTED},
    "failed_first": {TrialState.RECOVERED, TrialState.OPEN, TrialState.LOST, TrialState.NO_CARD},
}
"""What the outcome of a story leaves room for; who asks to leave in the trial is called off."""
_OUTCOMES = {(story.name, story.path, story.stage, story.cause): story.outcome for story in STORIES}


def judged(
    trials: Iterable[Trial], labels: Mapping[str, Mapping[str, Any]], read_from: int
) -> tuple[Counter[str], list[tuple[str, str, TrialState]]]:
    """How many trials of each outcome were compared, and those whose state is another one, with story and path.

    A story's outcome is that of the subscription that it is about: one of the same stage and cause.
    """
    compared: Counter[str] = Counter()
    wrong = []
    by_subscription = {trial.subscription: trial for trial in trials}
    for subscription, label in labels.items():
        about = label["story"], label["path"], label["stage"], label["cause"]
        outcome, trial = _OUTCOMES.get(about), by_subscription.get(subscription)
        if trial is None or outcome not in _STATES:
            continue
        compared[outcome] += 1
        unread = outcome != "trialing" and trial.trial_end < read_from
        if trial.state not in ({TrialState.UNREAD} if unread else _STATES[outcome]):
            wrong.append((label["story"], label["path"], trial.state))
    return compared, wrong
