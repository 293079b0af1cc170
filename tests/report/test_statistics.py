"""The statistics of the reports, against values that others have published, and by what must always hold."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl_triage.report.statistics import fisher, needed, newcombe, risk_ratio, wilson


@st.composite
def shares(draw: st.DrawFn, most: int = 2_000) -> tuple[int, int]:
    of = draw(st.integers(1, most))
    return draw(st.integers(0, of)), of


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_score_interval_of_newcombe_1998a(count: int, of: int, low: float, high: float) -> None:
    """R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998),
    857-872, table I, method 3."""
    interval = wilson(count, of)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("table", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_difference_of_newcombe_1998b(table: tuple[int, int, int, int], low: float, high: float) -> None:
    """R. G. Newcombe, "Interval estimation for the difference between independent proportions", Statistics in Medicine
    17 (1998), 873-890, table II, method 10."""
    found = newcombe(*table)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_risk_ratio_of_sahai_and_khurshid() -> None:
    """H. Sahai and A. Khurshid, "Statistics in Epidemiology" (1996), section 3.1.2, as scipy's documentation of
    `relative_risk` has it: 10 of 75 against 12 of 225."""
    found = risk_ratio(10, 75, 12, 225)
    assert (found.value, found.low, found.high) == pytest.approx((2.5, 1.1261564003469628, 5.549850800541033))
    assert not found.corrected


def test_a_few_that_all_failed_are_not_exactly_known() -> None:
    assert risk_ratio(1, 1, 46, 122).low < 1


@pytest.mark.parametrize(("few", "share"), [(3, 0.9), (5, 0.8), (10, 0.95)])
def test_the_interval_of_a_ratio_holds_the_true_one_nineteen_times_in_twenty(few: int, share: float) -> None:
    """All outcomes of `few` cards that fail with `share`, against 40 that fail with 0.4, by how likely they are."""

    def likely(count: int, of: int, share: float) -> float:
        return comb(of, count) * share**count * (1 - share) ** (of - count)

    held = 0.0
    for first, second in product(range(few + 1), range(41)):
        found = risk_ratio(first, few, second, 40)
        if found.low <= share / 0.4 <= (inf if found.high is None else found.high):
            held += likely(first, few, share) * likely(second, 40, 0.4)
    assert held >= 0.95


@pytest.mark.parametrize(
    ("table", "p"),
    [
        ((3, 1, 1, 3), 0.4857),  # the lady who tasted tea: Fisher 1935; Agresti, "Categorical Data Analysis", 3.5
        ((2, 10, 15, 3), 0.0005367),  # convicted twins: Fisher 1962, as R's documentation of fisher.test has it
    ],
)
def test_exact_test_of_fisher(table: tuple[int, int, int, int], p: float) -> None:
    assert fisher(*table) == pytest.approx(p, rel=5e-4)


def test_size_of_a_study() -> None:
    """R's documentation of `power.prop.test`: p1 = .50, p2 = .75, power = .90 wants 76.7 in each group."""
    assert needed(0.50, 0.75, power=0.90) == 77
    assert needed(0.25, 0.25) == inf


@given(shares())
def test_an_interval_holds_its_share_and_mirrors(share: tuple[int, int]) -> None:
    count, of = share
    interval, mirrored = wilson(count, of), wilson(of - count, of)
    assert 0 <= interval.low <= count / of <= interval.high <= 1
    assert (interval.low, interval.high) == pytest.approx((1 - mirrored.high, 1 - mirrored.low), abs=1e-12)


@given(shares(), st.integers(2, 50))
def test_more_of_the_same_says_more(share: tuple[int, int], times: int) -> None:
    few, many = wilson(*share), wilson(share[0] * times, share[1] * times)
    assert many.high - many.low < few.high - few.low


@given(st.integers(1, 500), st.data())
def test_a_greater_count_moves_the_interval_up(of: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, of - 1))
    lower, higher = wilson(count, of), wilson(count + 1, of)
    assert lower.low < higher.low
    assert lower.high < higher.high


@given(shares(), shares())
def test_a_difference_changes_its_sign_with_its_sides(one: tuple[int, int], other: tuple[int, int]) -> None:
    found, turned = newcombe(*one, *other), newcombe(*other, *one)
    assert -1 <= found.low <= found.value <= found.high <= 1
    assert (found.value, found.low, found.high) == pytest.approx((-turned.value, -turned.high, -turned.low), abs=1e-12)


@given(shares(), shares())
def test_a_ratio_is_the_inverse_of_the_other_way_round(one: tuple[int, int], other: tuple[int, int]) -> None:
    found, turned = risk_ratio(*one, *other), risk_ratio(*other, *one)
    assert found.low == (0.0 if turned.high is None else pytest.approx(1 / turned.high))
    assert found.high == (pytest.approx(1 / turned.low) if turned.low else None)
    if found.value is not None:
        assert found.low <= found.value
        assert found.high is None or found.value <= found.high
    empty = any(count in (0, of) for count, of in (one, other))
    assert found.corrected == turned.corrected == empty


@given(st.integers(1, 400), shares(400))
def test_the_same_share_on_both_sides_is_never_a_difference(times: int, share: tuple[int, int]) -> None:
    count, of = share
    other = (count * times, of * times)
    assert newcombe(*share, *other).low <= 0 <= newcombe(*share, *other).high
    assert risk_ratio(*share, *other).low <= 1
    high = risk_ratio(*share, *other).high
    assert high is None or high >= 1


@given(*[st.integers(0, 25)] * 4)
def test_fisher_is_the_sum_over_all_tables_of_these_margins(a: int, b: int, c: int, d: int) -> None:
    row, other, column = a + b, c + d, a + c
    counts = {k: comb(row, k) * comb(other, column - k) for k in range(max(0, column - other), min(row, column) + 1)}
    exact = Fraction(sum(one for one in counts.values() if one <= counts[a]), sum(counts.values()))
    assert fisher(a, b, c, d) == pytest.approx(float(exact), rel=1e-9)
    assert fisher(a, b, c, d) == pytest.approx(fisher(c, d, a, b), rel=1e-9)
    assert fisher(a, b, c, d) == pytest.approx(fisher(b, a, d, c), rel=1e-9)


def test_fisher_stands_large_tables() -> None:
    assert fisher(12_000, 38_000, 11_000, 39_000) < 1e-10
    assert fisher(25_000, 25_000, 25_000, 25_000) == 1.0
    assert fisher(0, 0, 5, 5) == 1.0


@pytest.mark.parametrize(("count", "of"), [(0, 0), (3, 2), (-1, 4)])
def test_what_is_no_share_is_refused(count: int, of: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(count, of)
    with pytest.raises(ValueError, match="no share"):
        risk_ratio(1, 2, count, of)
