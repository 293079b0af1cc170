"""Which story each cell tells: shares, floors and variants, decided from the seed before anything is played.

A cell is the customer (or the customers of one e-mail address) of one story. A variant is a story with its age, price
and cards fixed: it is played once, and told again by every cell that has it.
"""

from __future__ import annotations

import random
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from ghl_triage.sandbox.stories import STORIES, Story
from ghl_triage.sandbox.world import trial_worlds
from ghl_triage.sandbox.world.api import WorldName

PATH_SHARES: Mapping[str, float] = {"api": 0.46, "checkout": 0.29, "highlevel": 0.22, "unknown": 0.03}
ASIDE_SHARES: Mapping[str, float] = {"api": 0.09, "checkout": 0.06, "highlevel": 0.03, "unknown": 0.05}
TRIALING_SHARES: Mapping[str, float] = {"api": 0.30, "checkout": 0.28, "highlevel": 0.25, "unknown": 0.30}
FIRST_CHARGE_FAILURES: Mapping[str, float] = {"api": 0.25, "checkout": 0.22, "highlevel": 0.025, "unknown": 0.20}
"""Of the trials whose first charge was due: the client's own figures."""
_FLOORS = ((1_000, 3, 1), (250, 1, 0))
"""From how many subscriptions on: the least number of cells of each cause, and of each story. In a smaller world the
shares alone decide."""
_BIG, _SMALL = 24, 6
"""How many variants a story may have: a frequent one, a rare one."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A story to be played once: begun `days` before the world's start; `number` turns price and cards."""

    story: Story
    days: float
    number: int


@dataclass(frozen=True, slots=True)
class Plan:
    """`cells[i]` is the number of the variant that cell i tells."""

    variants: tuple[Variant, ...]
    cells: array[int]
    subscriptions: int


def make_plan(seed: int, subscriptions: int, world: WorldName) -> Plan:
    """The plan of a world with about so many subscriptions; the same for the same arguments."""
    counts = _counts(subscriptions, world)
    dice = random.Random(seed)  # noqa: S311  a repeatable world, not a secret
    variants: list[Variant] = []
    cells: list[int] = []
    for story, count in counts.items():
        if count == 0:
            continue
        first = len(variants)
        variants += _variants(story, count, first + dice.randrange(8))
        cells += [first + turn % (len(variants) - first) for turn in range(count)]
    dice.shuffle(cells)
    made = sum(variants[number].story.subscriptions for number in cells)
    return Plan(tuple(variants), array("H", cells), made)


def each_story(ages: int = 1) -> Plan:
    """The plan of a world in which every story happens to so many customers on each of its paths, spread over its days.

    With one age it is told midway in its days.
    """
    variants: list[Variant] = []
    for story in STORIES:
        oldest, newest = story.days[1], story.days[0]
        for turn in range(ages):
            variants.append(Variant(story, newest + (oldest - newest) * (turn + 0.5) / ages, len(variants)))
    made = sum(variant.story.subscriptions for variant in variants)
    return Plan(tuple(variants), array("H", range(len(variants))), made)


def _counts(subscriptions: int, world: WorldName) -> dict[Story, int]:
    if world in trial_worlds.PARTS:
        return trial_worlds.counts(world, subscriptions)
    counts = _default_counts(subscriptions) if world == "default" else _bench_counts(subscriptions)
    _trim(counts, subscriptions)
    return counts


def _variants(story: Story, count: int, number: int) -> list[Variant]:
    """The ages spread evenly over the story's days."""
    wanted = min(count, _BIG if story.share >= 5 else _SMALL)
    oldest, newest = story.days[1], story.days[0]
    step = (oldest - newest) / wanted
    return [Variant(story, newest + step * (turn + 0.5), number + turn) for turn in range(wanted)]


def _default_counts(subscriptions: int) -> dict[Story, int]:
    quotas: dict[Hashable, float] = {}
    for path, share in PATH_SHARES.items():
        whole = subscriptions * share
        due = whole * (1 - ASIDE_SHARES[path] - TRIALING_SHARES[path])
        quotas[path, "aside"] = whole * ASIDE_SHARES[path]
        quotas[path, "trialing"] = whole * TRIALING_SHARES[path]
        quotas[path, "failed_first"] = due * FIRST_CHARGE_FAILURES[path]
        quotas[path, "paid_first"] = due * (1 - FIRST_CHARGE_FAILURES[path])
    _, of_cause, of_story = next((floor for floor in _FLOORS if subscriptions >= floor[0]), (0, 0, 0))
    floors = _floors(of_cause, of_story)
    return _shared_out(quotas, lambda story: (story.path, story.outcome), lambda story: story.share, floors)


def _bench_counts(subscriptions: int) -> dict[Story, int]:
    def group(story: Story) -> Hashable:
        return "trialing" if story.outcome == "trialing" else "failing" if story.stage == "failing" else "rest"

    quotas: dict[Hashable, float] = {
        "failing": subscriptions * 0.25,
        "trialing": subscriptions * 0.30,
        "rest": subscriptions * 0.45,
    }
    return _shared_out(quotas, group, lambda story: story.share * PATH_SHARES[story.path], Counter())


def _floors(of_cause: int, of_story: int) -> Counter[Story]:
    """The least number of cells of a story: some of each on its first path, and enough of each cause."""
    floors: Counter[Story] = Counter()
    by_cause: dict[str, list[Story]] = defaultdict(list)
    names: set[str] = set()
    for story in STORIES:
        if story.path == "highlevel":
            continue
        if story.name not in names:
            names.add(story.name)
            floors[story] = of_story
        if story.cause:
            by_cause[story.cause].append(story)
    for stories in by_cause.values():
        stories.sort(key=lambda story: -story.share)
        turn = 0
        while sum(floors[story] for story in stories) < of_cause:
            floors[stories[turn % len(stories)]] += 1
            turn += 1
    return floors


def _shared_out(
    quotas: Mapping[Hashable, float],
    group: Callable[[Story], Hashable],
    share: Callable[[Story], float],
    floors: Mapping[Story, int],
) -> dict[Story, int]:
    """Each group's quota among its stories by their shares, floors first, by largest remainders."""
    members: dict[Hashable, list[Story]] = defaultdict(list)
    for story in STORIES:
        members[group(story)].append(story)
    counts: dict[Story, int] = {}
    for key, stories in members.items():
        given = [floors.get(story, 0) for story in stories]
        shares = [share(story) for story in stories]
        counts |= zip(stories, _apportion(round(quotas[key]), shares, given), strict=True)
    return counts


def _apportion(quota: int, shares: Sequence[float], floors: Sequence[int]) -> list[int]:
    """Whole numbers that add up to the quota (or the floors, where they are more), near to the shares."""
    whole = sum(shares)
    counts = [max(floor, int(quota * share / whole)) for floor, share in zip(floors, shares, strict=True)]
    places = range(len(shares))
    while sum(counts) > max(quota, sum(floors)):
        counts[max(places, key=lambda place: (counts[place] > floors[place], counts[place] / shares[place]))] -= 1
    while sum(counts) < quota:
        counts[max(places, key=lambda place: shares[place] / (counts[place] + 0.5))] += 1
    return counts


def _trim(counts: dict[Story, int], subscriptions: int) -> None:
    """Takes cells from the most frequent plain stories, or gives them some, until the number of subscriptions fits."""
    missing = subscriptions - sum(story.subscriptions * count for story, count in counts.items())
    plain = [story for story in counts if story.name in {"good_trial", "converted"} and story.path != "unknown"]
    any_single = [story for story in counts if story.subscriptions == 1]
    while missing:
        pool = plain if missing > 0 or any(counts[story] for story in plain) else any_single
        story = max(pool, key=lambda each: counts[each])
        step = int(missing / len(plain)) or (1 if missing > 0 else -1)
        step = max(step, -counts[story])
        counts[story] += step
        missing -= step
