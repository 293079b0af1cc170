"""Causes and fixes by money: what is counted, in which order, and what a fix is said to reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ghl_triage.model import ActionKind, Actor, Cause, Path, Stage
from ghl_triage.report.audit.audit import Audit
from ghl_triage.report.privacy import mask_email, mask_emails
from ghl_triage.report.rows import ReportCase
from ghl_triage.trial import LeftOut
from tests.report.audit.given import audited, paid, row, trial

CAUSES = (Cause.CARD_NOT_DEFAULT, Cause.SOFT_DECLINE, Cause.NO_PAYMENT_METHOD)


def told(audit: Audit) -> list[tuple[Cause, Path, int, Mapping[str, int]]]:
    return [(each.cause, each.path, each.cases, each.money) for cause in audit.causes for each in cause.paths]


def test_causes_come_by_money_in_the_currency_of_most_cases() -> None:
    cases = [
        *(row(Cause.SOFT_DECLINE, amount=2_900) for _ in range(4)),
        row(Cause.CARD_NOT_DEFAULT, amount=19_700),
        row(Cause.CARD_NOT_DEFAULT, amount=9_700, path=Path.CHECKOUT),
        row(Cause.NO_PAYMENT_METHOD, amount=900_000, currency="jpy"),
        row(None, stage=Stage.HEALTHY),
        row(Cause.CANCELED_FOR_NONPAYMENT, stage=Stage.LOST, amount=0),
    ]
    found = audited(cases, [])
    assert told(found) == [
        (Cause.CARD_NOT_DEFAULT, Path.API, 1, {"usd": 19_700}),
        (Cause.CARD_NOT_DEFAULT, Path.CHECKOUT, 1, {"usd": 9_700}),
        (Cause.SOFT_DECLINE, Path.API, 4, {"usd": 11_600}),
        (Cause.NO_PAYMENT_METHOD, Path.API, 1, {"jpy": 900_000}),
    ]
    assert found.waiting.failing_money == {"jpy": 900_000, "usd": 41_000}
    assert [each.share for each in found.causes] == [2 / 7, 4 / 7, 1 / 7]


def test_failing_and_at_risk_are_told_apart() -> None:
    cases = [row(), row(stage=Stage.AT_RISK, amount=5_000), row(stage=Stage.AT_RISK, amount=5_000)]
    found = audited(cases, [])
    (cause,) = found.causes
    assert [(each.failing, each.at_risk) for each in cause.paths] == [(1, 2)]
    assert (found.waiting.failing_money, found.waiting.at_risk_money) == ({"usd": 9_700}, {"usd": 10_000})


def test_a_fix_reaches_the_cases_that_it_applies_to_now() -> None:
    retry: dict[str, Any] = {"first_action": ActionKind.RETRY, "cause": Cause.SOFT_DECLINE}
    cases = [
        row(**retry, amount=1_000),
        row(**retry, amount=2_000, refused="Stripe tries by itself within the hour"),
        row(**retry, amount=4_000, refused="collection is paused until Dec 01 10:00 UTC"),
        row(**retry, amount=8_000, refused="collection is paused until Jan 09 10:00 UTC"),
        row(stage=Stage.AT_RISK, amount=16_000),
        row(Cause.DUPLICATE_SUBSCRIPTION, first_action=ActionKind.CANCEL_DUPLICATE, amount=32_000),
        row(Cause.DISPUTED, first_action=None, amount=64_000),
    ]
    found = audited(cases, [])
    by_action = {fix.action: fix for fix in found.fixes}
    retry_fix = by_action[ActionKind.RETRY]
    assert (retry_fix.cases, retry_fix.applies, retry_fix.due) == (4, 1, {"usd": 1_000})
    assert (retry_fix.refused, retry_fix.refused_money) == (3, {"usd": 14_000})
    assert [(each.reason, each.cases) for each in retry_fix.reasons] == [
        ("collection is paused", 2),
        ("Stripe tries by itself within the hour", 1),
    ]
    assert by_action[ActionKind.FIX_DEFAULT].to_come == {"usd": 16_000}
    recoverable = {each.cause: each.recoverable for each in found.causes}
    assert recoverable[Cause.DUPLICATE_SUBSCRIPTION] == recoverable[Cause.DISPUTED] == {}
    assert found.fixes[-1].action is None


def test_lost_and_recovered_stand_apart() -> None:
    gone, back = trial(amount=5_000), trial(amount_paid=9_700)
    cases = [
        row(Cause.CANCELED_FOR_NONPAYMENT, subscription=gone.subscription, stage=Stage.LOST, amount=0),
        row(Cause.CANCELED_FOR_NONPAYMENT, stage=Stage.LOST, amount=0),
        row(None, subscription=back.subscription, stage=Stage.RECOVERED, amount=0),
    ]
    found = audited(cases, [gone, back])
    assert found.waiting.cases == 0
    assert [(each.cause, each.cases, each.priced, each.money) for each in found.lost] == [
        (Cause.CANCELED_FOR_NONPAYMENT, 2, 1, {"usd": 5_000})
    ]
    assert [(each.path, each.cases, each.money) for each in found.recovered] == [(Path.API, 1, {"usd": 9_700})]


def test_three_examples_the_latest_failures_first() -> None:
    cases = [row(failed_at=1_000 + number) for number in range(5)] + [row(stage=Stage.AT_RISK, failed_at=None)]
    (cause,) = audited(cases, []).causes
    shown = [example.subscription for example in cause.paths[0].examples]
    assert shown == [cases[4].subscription, cases[3].subscription, cases[2].subscription]


def test_examples_hold_evidence_and_no_whole_address_unless_asked_for() -> None:
    case = row(email="jane@acme.test", name="Jane Roe")
    masked = audited([case], []).causes[0].paths[0].examples[0]
    assert (masked.email, masked.name) == ("j***@acme.test", "")
    assert [each.value for each in masked.evidence] == ["null", "j***@acme.test <here>"]
    whole = audited([case], [], with_customers=True).causes[0].paths[0].examples[0]
    assert (whole.email, whole.name) == ("jane@acme.test", "Jane Roe")
    assert whole.evidence[1].value == "jane@acme.test <here>"


def test_duplicates_and_free_trials_are_in_no_statistic() -> None:
    trials = [*paid(3), *paid(2, left_out=LeftOut.DUPLICATE), *paid(1, left_out=LeftOut.FREE)]
    found = audited([], trials)
    assert (found.trials, found.left_out) == (3, {LeftOut.DUPLICATE: 2, LeftOut.FREE: 1})
    assert found.rivals[0].due == 3


@given(
    st.lists(
        st.builds(
            row,
            st.sampled_from(CAUSES),
            path=st.sampled_from(list(Path)),
            stage=st.sampled_from([Stage.FAILING, Stage.AT_RISK]),
            actor=st.sampled_from(list(Actor)),
            amount=st.integers(0, 10**7),
            currency=st.sampled_from(["usd", "eur", "jpy"]),
            first_action=st.sampled_from([None, *ActionKind]),
            refused=st.sampled_from([None, "no card"]),
        ),
        min_size=1,
    )
)
def test_every_case_and_every_amount_is_counted_once(cases: list[ReportCase]) -> None:
    found = audited(cases, [])
    for currency in ("usd", "eur", "jpy"):
        whole = sum(case.amount for case in cases if case.currency == currency)
        assert sum(each.money.get(currency, 0) for each in found.causes) == whole
        assert sum(each.money.get(currency, 0) for cause in found.causes for each in cause.paths) == whole
        reached = sum(each.recoverable.get(currency, 0) for each in found.causes)
        fixed = sum(
            fix.due.get(currency, 0) + fix.to_come.get(currency, 0)
            for fix in found.fixes
            if fix.action is not ActionKind.CANCEL_DUPLICATE
        )
        assert reached == fixed <= whole
    assert sum(each.cases for each in found.causes) == sum(fix.cases for fix in found.fixes) == len(cases)


@given(st.emails())
def test_a_masked_address_does_not_tell_the_person(email: str) -> None:
    local, _, domain = email.rpartition("@")
    assert mask_email(email) == mask_email(f"{local[0]}nother@{domain}") == f"{local[0]}***@{domain}"


def test_addresses_inside_a_text_are_masked_too() -> None:
    assert mask_emails("also as jane.roe@acme.test, (bob@x.test)") == "also as j***@acme.test, (b***@x.test)"
    assert mask_emails("email='o'brien@acme.test'") == "email='o***@acme.test'"
    assert mask_emails("customer = cus_1") == "customer = cus_1"
    assert (mask_email(""), mask_email("Jane Roe"), mask_email("@acme.test")) == ("", "***", "***")
