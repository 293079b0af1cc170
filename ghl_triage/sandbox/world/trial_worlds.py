"""Worlds with a known answer to the question whether cards without an off-session set-up are what fails.

Each says which stories its trials tell, how often, and how long ago they began. A trial lasts thirty days: one that
began 31 to 58 days ago had its first charge within the sixty days of which a sync reads charges *and* set-ups, so that
both sides of the 2x2 table of domain/stripe.md 3.2 are known of it. The times of the story register do not matter here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ghl_triage.sandbox.stories import STORIES, Story
from ghl_triage.sandbox.stories.scene import DAY, PathName
from ghl_triage.sandbox.world.api import WorldName

DEPLOY_DAYS = 45
"""How long before the world's start the code of the api path changed, in the world where it did."""
_RUNNING = (0.2, 28.5)
_DUE = (31.0, 58.2)
_SINCE_DEPLOY = (31.0, DEPLOY_DAYS - 0.8)
_BEFORE_DEPLOY = (DEPLOY_DAYS + 0.2, 58.2)
_OLDER = (61.0, 110.0)


@dataclass(frozen=True, slots=True)
class Part:
    """A story of a world: `share` of all its trials, or just `count` of them; `days` as in the story register."""

    story: str
    path: PathName
    days: tuple[float, float]
    share: float = 0.0
    count: int = 0


def _parts(path: PathName, days: tuple[float, float], **shares: float) -> tuple[Part, ...]:
    return tuple(Part(story, path, days, share) for story, share in shares.items())


def _few(path: PathName, days: tuple[float, float], **counts: int) -> tuple[Part, ...]:
    return tuple(Part(story, path, days, count=count) for story, count in counts.items())


_OTHER_PATHS = (
    *_parts("checkout", _RUNNING, good_trial=0.08),
    *_parts("checkout", _DUE, converted=0.14, no_reason_given=0.006, no_money=0.006, paid_by_hand=0.003),
    *_parts("checkout", _DUE, bank_asks_all_the_same=0.002, canceled_in_trial=0.008),
    *_parts("checkout", _OLDER, converted=0.035),
    *_parts("highlevel", _RUNNING, good_trial=0.06),
    *_parts("highlevel", _DUE, converted=0.115, no_reason_given=0.002, no_money=0.001, canceled_in_trial=0.012),
    *_parts("highlevel", _OLDER, converted=0.03),
)
"""Half of the trials: Stripe's own page and HighLevel set up what they save, and fail seldom."""
_TRUE = (
    *_parts("api", _RUNNING, attached_only=0.11, good_trial=0.03, will_miss_default=0.005, no_card_yet=0.005),
    *_parts("api", _SINCE_DEPLOY, never_set_up=0.048, dollar_check=0.005, attached_and_paid=0.057, converted=0.033),
    *_parts("api", _SINCE_DEPLOY, no_reason_given=0.002, no_money=0.002, saved_not_default=0.002, no_card_ever=0.001),
    *_parts("api", _BEFORE_DEPLOY, converted=0.12, attached_and_paid=0.010, never_set_up=0.004, no_money=0.005),
    *_parts("api", _BEFORE_DEPLOY, paid_by_hand=0.004, no_reason_given=0.003, saved_not_default=0.002),
    *_parts("api", _BEFORE_DEPLOY, no_card_ever=0.002),
    *_parts("api", _OLDER, converted=0.04),
    *_parts("api", _DUE, canceled_in_trial=0.01),
    *_OTHER_PATHS,
)
_FALSE = (
    *_parts("api", _RUNNING, attached_only=0.07, good_trial=0.07, will_miss_default=0.005, no_card_yet=0.005),
    *_parts("api", _DUE, converted=0.1125, no_reason_given=0.015, no_money=0.012, never_again=0.003),
    *_parts("api", _DUE, set_up_not_default=0.006, bank_asks_all_the_same=0.0015),
    *_parts("api", _DUE, attached_and_paid=0.1125, attached_no_reason=0.018, attached_no_money=0.012),
    *_parts("api", _DUE, saved_not_default=0.006, never_set_up=0.0015),
    *_parts("api", _OLDER, converted=0.04),
    *_parts("api", _DUE, canceled_in_trial=0.01),
    *_OTHER_PATHS,
)
_UNDECIDABLE = (
    *_few("api", _DUE, converted=3, attached_and_paid=2, never_set_up=2, no_reason_given=1),
    *_few("checkout", _DUE, converted=4, no_money=1),
    *_few("highlevel", _DUE, converted=3),
    *_parts("api", _RUNNING, attached_only=0.25, good_trial=0.25),
    *_parts("checkout", _RUNNING, good_trial=0.28),
    *_parts("highlevel", _RUNNING, good_trial=0.22),
)
PARTS: Mapping[WorldName, tuple[Part, ...]] = {
    "hypothesis-true": _TRUE,
    "hypothesis-false": _FALSE,
    "undecidable": _UNDECIDABLE,
}
"""`hypothesis-true`: since a deploy of its code the api path attaches cards without a set-up, and banks refuse many of
them with `authentication_required`; cards that were set up are fine. `hypothesis-false`: the api path fails as often,
with ordinary declines and missing defaults, and as often with a set-up as without. `undecidable`: eight trials of the
api path have had their first charge."""


def counts(world: WorldName, subscriptions: int) -> dict[Story, int]:
    """How many cells tell each story, its days replaced by those of the part; they add up to `subscriptions`."""
    parts = PARTS[world]
    left = subscriptions
    found: list[int] = []
    for part in parts:
        found.append(min(part.count, left))
        left -= found[-1]
    whole = sum(part.share for part in parts)
    wanted = [left * part.share / whole for part in parts]
    given = [int(each) for each in wanted]
    by_remainder = sorted(range(len(parts)), key=lambda place: given[place] - wanted[place])
    for place in by_remainder[: left - sum(given)]:
        given[place] += 1
    return {_story(part): few + many for part, few, many in zip(parts, found, given, strict=True)}


def _story(part: Part) -> Story:
    told = next(each for each in STORIES if (each.name, each.path) == (part.story, part.path))
    return replace(told, days=part.days)


def truth(world: WorldName, now: int) -> Mapping[str, Any]:
    """What is so in a world that starts at `now`: whether missing set-ups are what fails on the api path (None: there
    are too few to say, or nobody arranged it), and when a deploy broke a path (epoch seconds)."""
    supported = {"hypothesis-true": True, "hypothesis-false": False}.get(world)
    broke = world == "hypothesis-true"
    return {
        "hypothesis": supported,
        "deploy_at": now - DEPLOY_DAYS * DAY if broke else None,
        "deploy_path": "api" if broke else None,
    }
