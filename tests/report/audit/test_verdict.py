"""The verdict on the hypothesis: worlds with a known answer, and what must hold for every table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl_triage.report.audit.verdict import Answer, Ground, TwoByTwo, judge

counts = st.integers(0, 400)
_RANK = {Answer.NOT_SUPPORTED: 0, Answer.NOT_ENOUGH_DATA: 1, Answer.SUPPORTED: 2}


@pytest.mark.parametrize(
    ("table", "authentication", "answer", "ground"),
    [
        # Cards without a set-up fail ten times as often, and banks say why.
        ((40, 60, 5, 95), 36, Answer.SUPPORTED, Ground.BOTH_HALVES),
        # They fail as much more often, but of want of funds.
        ((40, 60, 5, 95), 2, Answer.NOT_SUPPORTED, Ground.OTHER_REASONS),
        # Authentication is asked for, of cards that were set up just as well.
        ((100, 300, 100, 300), 60, Answer.NOT_SUPPORTED, Ground.NO_DIFFERENCE),
        # The path saves its cards as it should; what fails was set up.
        ((1, 4, 60, 200), 1, Answer.NOT_SUPPORTED, Ground.FEW_SUCH_CARDS),
        # No card without a set-up was refused at all.
        ((0, 300, 0, 20), 0, Answer.NOT_SUPPORTED, Ground.SELDOM_FAILS),
        # Cards that were set up fail more often.
        ((60, 240, 30, 20), 45, Answer.NOT_SUPPORTED, Ground.NO_DIFFERENCE),
        # Four charges of each kind.
        ((2, 2, 1, 3), 2, Answer.NOT_ENOUGH_DATA, Ground.TOO_FEW),
        # Nothing but cards without a set-up: nothing to hold them against.
        ((40, 60, 0, 0), 38, Answer.NOT_ENOUGH_DATA, Ground.NO_COMPARISON),
        ((0, 0, 0, 0), 0, Answer.NOT_ENOUGH_DATA, Ground.NO_COMPARISON),
        # A difference, and four refusals of nine asked for authentication: a main reason, or not?
        ((9, 91, 1, 199), 4, Answer.NOT_ENOUGH_DATA, Ground.TOO_FEW),
    ],
)
def test_known_worlds(table: tuple[int, int, int, int], authentication: int, answer: Answer, ground: Ground) -> None:
    found = judge(TwoByTwo(*table), authentication)
    assert (found.answer, found.ground) == (answer, ground)


def test_another_refusal_among_cards_without_a_set_up_is_not_the_hypothesis() -> None:
    """The association is as real as can be; what the banks said decides."""
    for authentication in range(5):
        assert judge(TwoByTwo(30, 10, 2, 98), authentication).answer is Answer.NOT_SUPPORTED


def test_what_is_missing_would_decide_it() -> None:
    table = TwoByTwo(6, 14, 3, 17)
    missing = judge(table, 4).missing
    assert missing is not None
    assert missing.not_set_up > 0
    times = 1 + missing.not_set_up / 20
    larger = TwoByTwo(*(round(cell * times) for cell in (6, 14, 3, 17)))
    assert judge(larger, round(4 * times)).answer is not Answer.NOT_ENOUGH_DATA
    half = TwoByTwo(*(round(cell * (1 + times) / 2) for cell in (6, 14, 3, 17)))
    assert judge(half, round(4 * (1 + times) / 2)).answer is Answer.NOT_ENOUGH_DATA


def test_without_anything_to_compare_the_empty_row_is_what_is_missing() -> None:
    missing = judge(TwoByTwo(100, 300, 0, 0), 90).missing
    assert missing is not None
    assert missing.not_set_up == 0
    # Fleiss 1981: 25 % against 12.5 % wants 152 of each.
    assert missing.set_up == 152


def test_more_of_the_same_is_not_promised_where_it_would_not_help() -> None:
    """One refusal in three asks for authentication, which is just the threshold: its interval always holds it."""
    third = judge(TwoByTwo(3, 3, 0, 6), 1)
    assert third.answer is Answer.NOT_ENOUGH_DATA
    assert third.missing is None


@given(counts, counts, counts, counts, st.data())
def test_one_more_refusal_that_fits_never_turns_the_answer_against_it(
    failed: int, paid: int, set_up_failed: int, set_up_paid: int, data: st.DataObject
) -> None:
    authentication = data.draw(st.integers(0, failed))
    if not paid:
        return
    before = judge(TwoByTwo(failed, paid, set_up_failed, set_up_paid), authentication)
    after = judge(TwoByTwo(failed + 1, paid - 1, set_up_failed, set_up_paid), authentication + 1)
    if before.answer is Answer.SUPPORTED:
        assert after.answer is not Answer.NOT_SUPPORTED


@given(counts, counts, counts, counts, st.data())
def test_more_authentication_among_the_same_refusals_never_speaks_against_it(
    failed: int, paid: int, set_up_failed: int, set_up_paid: int, data: st.DataObject
) -> None:
    table = TwoByTwo(failed, paid, set_up_failed, set_up_paid)
    few = data.draw(st.integers(0, failed))
    many = data.draw(st.integers(few, failed))
    assert _RANK[judge(table, few).answer] <= _RANK[judge(table, many).answer]


@given(counts, counts, counts, counts)
def test_what_is_supported_is_not_supported_with_the_labels_swapped(
    failed: int, paid: int, set_up_failed: int, set_up_paid: int
) -> None:
    """Even if every refusal asked for authentication."""
    if judge(TwoByTwo(failed, paid, set_up_failed, set_up_paid), failed).answer is Answer.SUPPORTED:
        swapped = judge(TwoByTwo(set_up_failed, set_up_paid, failed, paid), set_up_failed)
        assert swapped.answer is not Answer.SUPPORTED


@given(counts, counts, counts, counts, st.data())
def test_only_an_open_question_says_what_is_missing(
    failed: int, paid: int, set_up_failed: int, set_up_paid: int, data: st.DataObject
) -> None:
    found = judge(TwoByTwo(failed, paid, set_up_failed, set_up_paid), data.draw(st.integers(0, failed)))
    assert found.missing is None or found.answer is Answer.NOT_ENOUGH_DATA
    if found.missing:
        assert found.missing.not_set_up + found.missing.set_up > 0
