"""The verdicts against the labels of the sandbox's stories, whichever way Stripe and HighLevel turn out to behave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from ghl_triage.model import Cause, Finding
from ghl_triage.sandbox.engine.beliefs import SWITCHES, Beliefs, SwitchValue, with_belief
from ghl_triage.sandbox.world.api import WorldName
from ghl_triage.sandbox.world.build import World, build, build_plan
from ghl_triage.sandbox.world.plan import each_story
from tests.sandbox.default_world import NOW, default_world
from tests.sandbox_records import verdicts

OTHERWISE = [(name, value) for name, values in SWITCHES.items() for value in values[1:]]
"""Every switch in every setting that is not its default."""
ALWAYS_TOLD = {
    Finding.UNPAID_OLDER_INVOICES,
    Finding.CANCEL_SCHEDULED,
    Finding.COLLECTION_PAUSED,
    Finding.DISPUTED,
    Finding.EARLY_FRAUD_WARNING,
    Finding.DOUBLE_BILLED,
    Finding.REPLACED,
    Finding.PAID_ELSEWHERE,
    Finding.SEVERAL_CARDS,
    Finding.TRIAL_WILL_BE_CANCELED,
    Finding.TRIAL_WILL_BE_PAUSED,
    Finding.NOT_IN_HIGHLEVEL,
    Finding.HIGHLEVEL_OTHER_CUSTOMER,
    Finding.HIGHLEVEL_STALE_SUBSCRIPTION,
    Finding.HIGHLEVEL_ACCOUNT_MISMATCH,
    Finding.WEBHOOK_UNDELIVERED,
    Finding.STALE,
}
"""Findings that the label of a story names wherever they hold; the others may stand beside any story."""


def wrong(world: World) -> Iterator[str]:
    """Where a verdict differs from the label of its story, in words."""
    found = verdicts(world)
    labels = world.labels()
    assert found.keys() == labels.keys()
    for subscription, label in labels.items():
        case = found[subscription]
        said = (case.path, case.stage, case.cause)
        if case.pending or said != (label["path"], label["stage"], label["cause"]):
            yield f"{label['story']} {label['path']} {label['stage']} {label['cause']}: {said} {case.pending or ''}"
        told = set(label["findings"])
        if not told <= set(case.findings) or ALWAYS_TOLD & set(case.findings) > told:
            yield f"{label['story']} on {label['path']}: {sorted(told)}, found {sorted(case.findings)}"


def test_every_verdict_is_that_of_its_story() -> None:
    assert list(wrong(build_plan(1, each_story(), NOW))) == []


def test_every_verdict_holds_where_all_is_otherwise() -> None:
    beliefs = Beliefs()
    for name, value in OTHERWISE:
        beliefs = with_belief(beliefs, name, value)
    assert list(wrong(build_plan(1, each_story(), NOW, beliefs))) == []


@pytest.mark.slow
@pytest.mark.parametrize(("name", "value"), OTHERWISE, ids=[f"{name}={value}" for name, value in OTHERWISE])
def test_every_verdict_holds_under_the_other_setting(name: str, value: SwitchValue) -> None:
    assert list(wrong(build_plan(2, each_story(), NOW, with_belief(Beliefs(), name, value)))) == []


@pytest.mark.slow
def test_every_verdict_of_the_default_world_is_its_stories() -> None:
    assert list(wrong(default_world())) == []


def test_the_default_world_tells_every_cause_and_every_finding_that_objects_show() -> None:
    labels = default_world().labels().values()
    assert {label["cause"] for label in labels} - {None} == set(Cause)
    told = Counter(finding for label in labels for finding in label["findings"])
    assert {each for each in ALWAYS_TOLD if not told[each]} == set()


@pytest.mark.parametrize("name", ["hypothesis-true", "hypothesis-false", "undecidable"])
def test_every_verdict_of_the_worlds_for_the_audit_is_its_stories(name: WorldName) -> None:
    assert list(wrong(build(3, 90, NOW, name))) == []
