"""What is counted for the hypothesis and for its rivals, and what the conclusion says of worlds with a known answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ghl_triage.model import Path
from ghl_triage.report.audit.hypothesis import PathTest, hypothesis
from ghl_triage.report.audit.layout.conclusion import conclusion
from ghl_triage.report.audit.rivals import PathRivals, Reason, Rival, rivals
from ghl_triage.report.audit.verdict import Answer, TwoByTwo
from ghl_triage.report.rates import rate
from ghl_triage.trial import FailureKind, FirstCharge, SetUp, Trial
from tests.report.audit.given import empty_handed, paid, refused, running, trial

ATTACHED = SetUp.ATTACHED_ONLY


def on(path: Path, trials: list[Trial]) -> PathTest:
    return next(test for test in hypothesis(trials).paths if test.path is path)


def rivals_on(path: Path, trials: list[Trial]) -> PathRivals:
    return next(each for each in rivals(trials) if each.path is path)


def told(trials: list[Trial]) -> str:
    """The conclusion on the custom path."""
    found = hypothesis(trials)
    return conclusion(on(Path.API, trials), rivals_on(Path.API, trials), found.judgement)


def test_only_charges_with_a_known_set_up_are_in_the_table() -> None:
    trials = [
        *refused(3, FailureKind.AUTHENTICATION, set_up=ATTACHED),
        *refused(2, FailureKind.DECLINED, set_up=SetUp.ON_SESSION),
        *paid(4, set_up=ATTACHED),
        *refused(1, FailureKind.AUTHENTICATION),
        *paid(6),
        *paid(7, set_up=SetUp.UNREAD),
        *refused(1, FailureKind.DECLINED, set_up=SetUp.UNREAD),
        *empty_handed(5),
        *running(8),
        *paid(2, first_charge=FirstCharge.UNREAD),
    ]
    found = on(Path.API, trials)
    assert found.table == TwoByTwo(5, 4, 1, 6)
    assert (found.without, found.with_set_up) == (rate(5, 9), rate(1, 7))
    assert (found.asked_without, found.asked_with, found.asked) == (rate(3, 5), rate(1, 1), rate(4, 6))
    assert found.ways[SetUp.ON_SESSION] == rate(2, 2)
    assert (found.nothing_to_charge, found.set_up_unread, found.charge_unread, found.not_due) == (5, 8, 2, 8)


def test_a_path_is_judged_by_its_own_trials() -> None:
    api = refused(40, FailureKind.AUTHENTICATION, set_up=ATTACHED) + paid(60, set_up=ATTACHED) + paid(100)
    checkout = paid(300, path=Path.CHECKOUT) + refused(5, FailureKind.DECLINED, path=Path.CHECKOUT)
    assert on(Path.API, api + checkout) == on(Path.API, api)


def true_world() -> list[Trial]:
    return [
        *refused(40, FailureKind.AUTHENTICATION, set_up=ATTACHED),
        *refused(4, FailureKind.DECLINED, set_up=ATTACHED, code="insufficient_funds"),
        *paid(56, set_up=ATTACHED),
        *refused(5, FailureKind.DECLINED, code="generic_decline"),
        *paid(95),
    ]


def false_world() -> list[Trial]:
    """As many failures as the true one, of want of money and of defaults, with a set-up or without."""
    return [
        *refused(30, FailureKind.DECLINED, set_up=ATTACHED, code="insufficient_funds"),
        *refused(2, FailureKind.AUTHENTICATION, set_up=ATTACHED),
        *paid(68, set_up=ATTACHED),
        *refused(30, FailureKind.DECLINED, code="generic_decline"),
        *paid(70),
        *empty_handed(70),
    ]


def undecidable_world() -> list[Trial]:
    return [*refused(2, FailureKind.AUTHENTICATION, set_up=ATTACHED), *paid(2, set_up=ATTACHED), *paid(4)]


def confounded_world() -> list[Trial]:
    """Each path fails at a rate of its own, whatever was set up; the worse one sets up less. Pooled, it looks true."""
    return [
        *refused(60, FailureKind.AUTHENTICATION, set_up=ATTACHED),
        *paid(120, set_up=ATTACHED),
        *refused(40, FailureKind.AUTHENTICATION),
        *paid(80),
        *refused(1, FailureKind.AUTHENTICATION, path=Path.CHECKOUT, set_up=ATTACHED),
        *paid(30, path=Path.CHECKOUT, set_up=ATTACHED),
        *refused(10, FailureKind.AUTHENTICATION, path=Path.CHECKOUT),
        *paid(290, path=Path.CHECKOUT),
    ]


@pytest.mark.parametrize(
    ("world", "answer", "words"),
    [
        (true_world, Answer.SUPPORTED, ["44 of 100, 44 %", "5 of 100", "40 of the 44 failures", "explains 40"]),
        (
            false_world,
            Answer.NOT_SUPPORTED,
            ["only 2 of the 32 failures", "explains 2", "nothing to charge (no card", "70 (53 %)"],
        ),
        (undecidable_world, Answer.NOT_ENOUGH_DATA, ["more first charges", "explains 2"]),
        (confounded_world, Answer.NOT_SUPPORTED, ["60 of 180", "40 of 120", "makes no difference"]),
    ],
)
def test_the_conclusion_follows_from_the_numbers(
    world: Callable[[], list[Trial]], answer: Answer, words: list[str]
) -> None:
    trials = world()
    assert hypothesis(trials).answer is answer
    sentence = told(trials)
    for each in words:
        assert each in sentence


def test_thrown_together_the_confounded_world_would_have_looked_true() -> None:
    pooled = [
        trial(first_charge=each.first_charge, failure=each.failure, set_up=each.set_up) for each in confounded_world()
    ]
    assert hypothesis(pooled).answer is Answer.SUPPORTED


def test_a_real_association_that_explains_little_is_called_so() -> None:
    sentence = told([*true_world(), *empty_handed(90)])
    assert sentence.startswith("Supported, but not the main reason.")
    assert "nothing to charge (no card, or one that was not the default), 90" in sentence


def test_without_a_trial_of_the_path_there_is_no_answer() -> None:
    found = hypothesis(paid(20, path=Path.HIGHLEVEL))
    assert found.answer is Answer.NOT_ENOUGH_DATA
    assert "No trial of this path" in conclusion(None, None, found.judgement)


def test_every_failure_has_one_reason() -> None:
    trials = [
        *refused(1, FailureKind.AUTHENTICATION, set_up=ATTACHED),
        *refused(2, FailureKind.AUTHENTICATION),
        *refused(3, FailureKind.DECLINED, code="insufficient_funds"),
        *refused(4, FailureKind.DECLINED, code="do_not_honor"),
        *refused(5, FailureKind.DECLINED, code="stolen_card"),
        *refused(1, FailureKind.OTHER, code="a_code_of_tomorrow"),
        *empty_handed(6),
        *empty_handed(2, FailureKind.NO_CARD),
        *empty_handed(1, FailureKind.OTHER),
        *paid(10),
        *running(3),
    ]
    found = rivals_on(Path.API, trials)
    assert (found.due, found.paid, found.refused, found.nothing_to_charge, found.failed) == (35, 10, 16, 9, 25)
    assert found.reasons == {
        Reason.HYPOTHESIS: 1,
        Reason.AUTHENTICATION: 2,
        Reason.NO_DEFAULT: 6,
        Reason.NO_CARD: 2,
        Reason.NOT_READ: 1,
        Reason.SOFT: 3,
        Reason.GENERIC: 4,
        Reason.HARD: 5,
        Reason.OTHER: 1,
    }
    assert sum(found.rivals.values()) + found.explained == found.failed
    assert found.largest is Rival.ORDINARY_DECLINES


def test_a_card_check_is_held_against_refusals_of_charges() -> None:
    trials = [
        *paid(97, path=Path.HIGHLEVEL, checked_at_sign_up=True),
        *refused(3, FailureKind.DECLINED, path=Path.HIGHLEVEL, checked_at_sign_up=True),
        *paid(30, checked_at_sign_up=False),
        *refused(10, FailureKind.DECLINED, checked_at_sign_up=False),
        *refused(5, FailureKind.DECLINED, checked_at_sign_up=None),
        *empty_handed(20, checked_at_sign_up=False),
    ]
    highlevel, api = rivals_on(Path.HIGHLEVEL, trials).check, rivals_on(Path.API, trials).check
    assert (highlevel.present, highlevel.with_it) == (rate(100, 100), rate(3, 100))
    assert (api.present, api.without_it) == (rate(0, 40), rate(10, 40))
    assert api.compared is None


def test_duplicates_and_prepaid_cards_have_their_own_numbers() -> None:
    trials = [
        *empty_handed(4, duplicate_customer=True),
        *paid(1, duplicate_customer=True, funding="credit"),
        *paid(15, funding="credit"),
        *refused(5, FailureKind.DECLINED, funding="prepaid"),
        *paid(5, funding="prepaid"),
    ]
    found = rivals_on(Path.API, trials)
    assert (found.duplicates.with_it, found.duplicates.without_it) == (rate(4, 5), rate(5, 25))
    assert (found.prepaid.present, found.prepaid.with_it, found.prepaid.without_it) == (
        rate(10, 26),
        rate(5, 10),
        rate(0, 16),
    )
