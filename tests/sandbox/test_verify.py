"""`make verify-stripe`, with a sandbox in the place of Stripe: then only what was set otherwise differs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ghl_triage.sandbox.engine.api import Obj
from ghl_triage.sandbox.engine.beliefs import SWITCHES
from ghl_triage.sandbox.verify import plan as plans
from ghl_triage.sandbox.verify import report
from ghl_triage.sandbox.verify.beliefs import SETTLED, bearing_on
from ghl_triage.sandbox.verify.compare import Side, differences, new_fields
from ghl_triage.sandbox.verify.fields import FIELDS
from ghl_triage.sandbox.verify.run import Finding, Outcome
from tests.sandbox.verifying import serving, told
from tests.sandbox_server import NOW

DOCUMENT = (Path(__file__).parents[2] / "docs" / "beliefs.md").read_text(encoding="utf-8")
OTHERWISE = {name: values[1] for name, values in SWITCHES.items()}
UNSETTLED = {
    "application_shown",
    "customer_search",
    "highlevel_past_due",
    "hosted_invoice_saves_card",
    "rights_before_existence",
}
"""The switches of which the stories tell nothing at Stripe."""
FEW = (
    "never_set_up",
    "page_left_open",
    "canceled_without_card",
    "detached_above_a_good_one",
    "set_up_not_default",
    "indian_card_charged",
    "refused_until_the_end",
    "set_up_confirmed_and_saved",
)


def bearing(outcomes: list[Outcome]) -> dict[str, set[tuple[str, ...]]]:
    """By story: the beliefs that its differences bear on."""
    return {
        outcome.story: {finding.beliefs for finding in outcome.findings} for outcome in outcomes if outcome.findings
    }


def test_nothing_differs_where_stripe_does_as_we_believe(tmp_path: Path) -> None:
    with serving() as sandbox:
        outcomes = told(sandbox, tmp_path, *FEW[:2], *FEW[-2:])
    assert bearing(outcomes) == {}
    assert all(outcome.new_fields == {} for outcome in outcomes)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("switch", sorted(set(SWITCHES) - UNSETTLED))
def test_a_belief_that_is_otherwise_is_found_and_named(switch: str, tmp_path: Path) -> None:
    belief = next(each for each in SETTLED if each.name == switch)
    names = [name for name in FEW if name in belief.stories][:1]
    with serving(f"{switch}={OTHERWISE[switch]}") as sandbox:
        found = bearing(told(sandbox, tmp_path, *names))
    assert set(found) == set(names) != set()
    assert all(switch in beliefs for differences in found.values() for beliefs in differences)


@pytest.mark.parametrize("story", ["asked_again_when_paid", "asked_again_when_refused"])
def test_a_stripe_that_keeps_no_answers_is_found(story: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ghl_triage.sandbox.http.idempotency.LIFETIME", 0)
    with serving() as sandbox:
        (outcome,) = told(sandbox, tmp_path, story)
    answer = outcome.findings[0]
    assert (answer.difference.name, answer.beliefs) == ("POST /v1/invoices/{id}/pay", ("stored_answer_first",))


@pytest.mark.slow
@pytest.mark.parametrize(
    "setting", ["", "three_d_secure=requires_action", "detaching_clears_defaults=false", "retry_without_method=true"]
)
def test_of_all_stories_those_differ_that_the_belief_names(setting: str, tmp_path: Path) -> None:
    switch = setting.partition("=")[0]
    stories = {name for belief in SETTLED if belief.name == switch for name in belief.stories}
    with serving(*filter(None, [setting])) as sandbox:
        found = bearing(told(sandbox, tmp_path))
    assert stories >= set(found)
    assert bool(found) is bool(setting)
    assert all(switch in beliefs for differences in found.values() for beliefs in differences)


@pytest.fixture(scope="module")
def whole() -> plans.Plan:
    """All stories."""
    return plans.make((), NOW)


def test_every_story_that_a_belief_names_can_be_told_and_is_documented(whole: plans.Plan) -> None:
    names = {played.tale.name for played in whole.played}
    assert len(names) == len(whole.played) > 60
    for belief in SETTLED:
        assert names >= set(belief.stories), belief.name
        told_by = ", ".join(f"`{name}`" for name in belief.stories)
        assert f"| `{belief.name}` | {belief.says} | {told_by} |" in DOCUMENT
    assert {belief.name for belief in SETTLED} >= set(SWITCHES) - UNSETTLED
    assert all(f"`{name}`" in DOCUMENT.partition("It can't settle the rest")[2] for name in UNSETTLED)


def test_what_test_mode_cannot_play_is_left_out_with_its_reason(whole: plans.Plan) -> None:
    skipped = dict(whole.skipped)
    assert skipped["converted (highlevel)"].startswith("requests of another platform")
    assert skipped["converted (checkout)"].startswith("a Checkout page")
    assert skipped["bank_asks_all_the_same"].startswith("a bank's challenge")
    assert skipped["no_money"] == "a card that is refused later with insufficient_funds"
    assert "--after-retries cancel" in skipped["canceled_after_retries"]
    assert "converted" not in skipped


def side(*events: Obj, **fields: Any) -> Side:
    """One side that holds a single subscription, and these events of it."""
    left: dict[str, list[Obj]] = {kind: [] for kind in (*FIELDS, "event")}
    left["subscription"] = [{"id": "sub_1", "object": "subscription", "status": "active", **fields}]
    left["event"] = list(events)
    return Side(left, {"sub_1": "subscription 1"})


def event(kind: str, key: str | None = None, at: int = NOW) -> Obj:
    """Something that was told of the subscription."""
    request = {"id": "req_1", "idempotency_key": key}
    return {"type": kind, "created": at, "request": request, "data": {"object": {"id": "sub_1"}}}


def test_times_may_lie_two_hours_apart_and_a_new_field_is_told_for_information() -> None:
    assert differences(side(trial_end=NOW), side(trial_end=NOW + 7_200)) == []
    (found,) = differences(side(trial_end=NOW), side(trial_end=NOW + 7_201))
    assert (found.name, found.place) == ("subscription 1", "subscription.trial_end")
    newer = side(moon_phase="full")
    assert differences(side(), newer) == []
    assert new_fields(side(), newer) == {"subscription": {"moon_phase"}}


def test_an_event_without_the_key_of_its_request_is_found() -> None:
    (found,) = differences(side(event("invoice.paid", "a-key")), side(event("invoice.paid")))
    assert (found.place, found.sandbox, found.stripe) == ("event.key of invoice.paid", 1, 0)
    assert bearing_on("any_story", found.place) == ("events_name_the_key",)
    assert differences(side(event("invoice.paid", "a-key")), side(event("invoice.paid", "another"))) == []


def test_payments_that_tell_the_wall_s_time_stand_in_no_order_with_the_rest() -> None:
    ours = side(event("invoice.finalized", at=NOW + 10), event("charge.failed", at=NOW + 20))
    theirs = side(event("charge.failed", at=NOW), event("invoice.finalized", at=NOW + 10))
    assert differences(ours, theirs) == []
    (found,) = differences(
        side(event("invoice.finalized"), event("invoice.paid", at=NOW + 20)),
        side(event("invoice.paid"), event("invoice.finalized", at=NOW + 20)),
    )
    assert (found.place, found.stripe) == ("event.order", "invoice.paid before invoice.finalized")


def test_a_report_goes_object_by_object_in_words_and_dates() -> None:
    found = differences(
        side(event("invoice.paid"), status="past_due", trial_end=NOW),
        side(status="active", trial_end=NOW + 10_800),
    )
    findings = tuple(Finding(each, bearing_on("older_invoice_paid", each.place)) for each in found)
    assert list(report.story(Outcome("older_invoice_paid", findings))) == [
        "≠ older_invoice_paid: 3 differences",
        "    subscription 1",
        "        status: sandbox past_due, Stripe active",
        "        bears on latest_invoice_revives",
        "    subscription 1",
        "        trial_end: sandbox 2026-11-23 00:00:00 UTC, Stripe 2026-11-23 03:00:00 UTC",
        "        event invoice.paid: sandbox 1 time, Stripe 0 times",
        "        no belief speaks of it",
    ]
