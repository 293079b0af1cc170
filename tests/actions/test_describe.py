"""Plans and results in words."""

from __future__ import annotations

from dataclasses import replace

from ghl_triage.actions.describe import outcome_counts, plan_lines, result_headline, result_line
from ghl_triage.model import ActionKind, LinkKind, Outcome, StepResult
from tests.actions.given import case, subject
from tests.actions.test_planner import one, planned

STEP = one(ActionKind.RETRY, subject(case()))


def test_a_result_says_who_how_and_why() -> None:
    paid = StepResult(STEP, Outcome.DONE, "req_1", detail="active, healthy")
    assert result_line(paid) == "customer1@acme.test  done  $97.00: active, healthy  (req_1)"
    declined = StepResult(STEP, Outcome.DECLINED, error="insufficient_funds: no")
    assert result_line(declined) == "customer1@acme.test  declined  $97.00: insufficient_funds: no"


def test_a_link_is_in_no_line() -> None:
    page = StepResult(STEP, Outcome.DONE, link="https://pay.test/secret")
    assert "https" not in result_line(page)


def test_results_are_summed_by_currency_and_only_what_was_paid() -> None:
    yen = replace(STEP, amount=4_980, currency="jpy")
    results = [
        StepResult(STEP, Outcome.DONE),
        StepResult(yen, Outcome.DONE),
        StepResult(STEP, Outcome.DECLINED),
        StepResult(replace(STEP, requests=(), skipped="x"), Outcome.SKIPPED),
    ]
    assert outcome_counts(results) == {Outcome.DONE: 2, Outcome.DECLINED: 1, Outcome.SKIPPED: 1}
    assert result_headline(results) == "2 done, 1 declined, 1 skipped; ¥4,980 $97.00 charged"
    assert result_headline([]) == "nothing was done"


def test_nested_parameters_and_notes_are_written_out() -> None:
    page = planned(ActionKind.RESEND_LINK, subject(case(link=LinkKind.SETUP_CHECKOUT)))
    text = "\n".join(plan_lines(page))
    assert "setup_intent_data[metadata][subscription_id]=sub_1" in text
    assert "note: once the customer has saved a card there" in text


def test_a_plan_with_nothing_to_do_says_so() -> None:
    nothing = planned(ActionKind.RETRY, subject(case(blocked={ActionKind.RETRY: "no"})))
    assert plan_lines(nothing)[0] == "retry: nothing to do for 1 case"
