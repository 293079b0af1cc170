"""The register of all stories: who tells it, on which path, how long ago it began, how often it happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeAlias

from ghl_triage.sandbox.stories.scene import PathName, Scene, Stage

Teller: TypeAlias = Callable[[Scene], None]
RetryEnd: TypeAlias = Literal["cancel", "unpaid", "past_due"]
Outcome: TypeAlias = Literal["trialing", "paid_first", "failed_first", "aside"]
"""What became of the first charge of the trial that the story is about: yet to come, paid, failed (whatever came of it
later), or `aside`: no trial, or one that had no first charge."""


@dataclass(frozen=True, slots=True)
class Story:
    """One story on one path.

    `days` is how long before the world's start it begins, from and to; `share` how often it happens among the stories
    of the same path and outcome; `stage` and `cause` those of its main subscription; `subscriptions` how many it makes;
    `currency` the only one that it can be told in; `retry_end` the account's setting for the end of retries in those
    days, where it was another one; `spread` how far, in hours, a copy may be told earlier than the template.
    """

    name: str
    tell: Teller
    path: PathName
    outcome: Outcome
    stage: Stage
    cause: str | None
    share: float
    days: tuple[float, float]
    subscriptions: int = 1
    currency: str | None = None
    retry_end: RetryEnd | None = None
    spread: float = 18


STORIES: list[Story] = []


def story(
    *paths: PathName,
    outcome: Outcome,
    stage: Stage,
    cause: str | None = None,
    days: tuple[float, float],
    share: float = 1,
    subscriptions: int = 1,
    currency: str | None = None,
    retry_end: RetryEnd | None = None,
    spread: float = 18,
) -> Callable[[Teller], Teller]:
    """Registers a story on one or several paths; its name is the function's."""

    def register(tell: Teller) -> Teller:
        name = tell.__name__
        for path in paths:
            STORIES.append(
                Story(
                    name,
                    tell,
                    path,
                    outcome,
                    stage,
                    cause,
                    share,
                    days,
                    subscriptions,
                    currency,
                    retry_end,
                    spread,
                )
            )
        return tell

    return register


failing = partial(story, outcome="failed_first", stage="failing")
"""The first charge failed, and nothing has mended it yet."""
at_risk = partial(story, outcome="trialing", stage="at_risk")
"""The first charge is yet to come, and will fail."""
