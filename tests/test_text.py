"""What comes from outside is shown safely and in the cells that it was given."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl_triage import text
from ghl_triage.currencies import to_major, to_minor
from ghl_triage.model import CardView


@given(st.text(max_size=300))
def test_clean_text_holds_nothing_that_moves_the_cursor_or_turns_the_line(value: str) -> None:
    cleaned = text.clean(value)
    assert not any(character in cleaned for character in "\x1b\n\r\t\x00\x07\u202e\u2066\u200f\x9b")
    assert text.clean(cleaned) == cleaned
    cleaned.encode("utf-8")


@given(st.text(max_size=80), st.integers(min_value=1, max_value=40), st.booleans())
def test_fitted_text_fills_its_cells_exactly(value: str, cells: int, right: bool) -> None:
    assert text.cells_of(text.fit(text.clean(value), cells, right=right)) == cells


def test_a_hostile_name_stays_readable() -> None:
    assert text.clean("[/] [bold]x\x1b[31m\u202egnp.exe") == "[/] [bold]x [31mgnp.exe"
    assert text.clean("a" + "\u0301" * 40) == "a" + "\u0301" * 3


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (9700, "usd", "$97.00"),
        (4000, "jpy", "¥4,000"),
        (123456789, "eur", "€1,234,567.89"),
        (1500, "kwd", "KWD1.500"),
        (-500, "usd", "-$5.00"),
        (100, "zzz", "ZZZ1.00"),
        (100, "", "1.00"),
    ],
)
def test_money_is_written_in_the_currency_s_own_units(amount: int, currency: str, shown: str) -> None:
    assert text.money(amount, currency).replace("\xa0", "") == shown


@given(st.integers(min_value=-(10**12), max_value=10**12), st.sampled_from(["usd", "jpy", "kwd", "ugx"]))
def test_minor_units_survive_the_way_through_major_units(amount: int, currency: str) -> None:
    assert to_minor(to_major(amount, currency), currency) == amount


def test_sums_of_two_currencies_stand_side_by_side() -> None:
    assert text.amounts({"jpy": 40000, "usd": 3148200}) == "¥40,000 $31,482.00"
    assert text.amounts({"usd": 0}) == ""


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(5, "now"), (720, "12m"), (3 * 3600, "3h"), (6 * 86400, "6d"), (98 * 86400, "98d"), (100 * 86400, "14w")],
)
def test_ages_use_their_largest_unit(seconds: int, shown: str) -> None:
    assert text.ago(seconds) == shown


def test_times_and_cards_read_as_in_the_design() -> None:
    assert text.when(1761038040, UTC) == "Oct 21 09:14"
    assert text.when(10**18, UTC) == str(10**18)
    card = CardView(id="pm_1", type="card", brand="visa", last4="4242", exp_month=8, exp_year=2028)
    assert text.card_label(card) == "Visa 4242 (exp 08/28)"
    assert text.card_label(CardView(id="pm_2", type="sepa_debit", last4="3000")) == "sepa debit 3000"


@given(
    st.integers(min_value=-(10**12), max_value=10**12),
    st.sampled_from(["usd", "eur", "gbp", "jpy", "cad", "aud", "nzd", "inr"]),
)
def test_the_short_way_to_write_dollars_says_what_babel_says(amount: int, currency: str) -> None:
    from babel.numbers import format_currency

    pattern = "¤#,##0" if currency == "jpy" else "¤#,##0.00"
    major = to_major(amount, currency)
    written = format_currency(major, currency.upper(), format=pattern, locale="en_US", currency_digits=False)
    assert text.money(amount, currency) == written
