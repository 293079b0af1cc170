"""The decline view: what is counted, the rule for the same card, and the words on generic declines."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl_triage.diagnosis import declines as codes
from ghl_triage.diagnosis.decline_table import ROWS
from ghl_triage.model import Path
from ghl_triage.report.declines import COLUMNS, NEEDED, declines, is_generic, retry_rule
from ghl_triage.report.declines_document import document
from ghl_triage.report.display import Display
from ghl_triage.report.document import Heading, Paragraph, Table
from ghl_triage.store.groups import Group
from ghl_triage.store.network_codes import NetworkCode


def group(code: str, count: int = 1, cause: str = "generic_decline", **more: object) -> Group:
    """Cases refused with a code, on a Visa credit card from the US, sold by the API, $97 each."""
    usual = {"code": code, "advice": "", "brand": "visa", "funding": "credit", "country": "US", "path": "api"}
    values = {**usual, "cause": cause, **more}
    return Group(tuple(str(values[name]) for name in NEEDED), count, {"usd": 9_700 * count})


def test_codes_are_counted_with_money_by_currency_and_the_issuers_own_codes() -> None:
    yen = Group(group("do_not_honor").values, 2, {"jpy": 8_000})
    network = [NetworkCode("do_not_honor", "05", "", 4), NetworkCode("insufficient_funds", "51", "24", 2)]
    view = declines([group("do_not_honor", 3), yen, group("insufficient_funds", 2), group("")], NEEDED, network)
    first, second = view.codes
    assert (view.cases, view.refused, view.bare) == (8, 7, 1)
    assert (first.code, first.cases, dict(first.amounts)) == ("do_not_honor", 5, {"jpy": 8_000, "usd": 29_100})
    assert (second.code, second.cases, dict(second.network)) == ("insufficient_funds", 2, {"51": 2})
    assert (view.network_read, view.network_named, dict(view.network_advice)) == (6, 6, {"24": 2})


@pytest.mark.parametrize(
    ("code", "advice", "rule"),
    [
        ("insufficient_funds", "", "Later"),
        ("insufficient_funds", "do_not_try_again", "Never again"),
        ("processing_error", "", "Yes"),
        ("lost_card", "", "Never"),
        ("lost_card", "try_again_later", "Never"),
        ("do_not_honor", "try_again_later", "Later, some days"),
        ("", "confirm_card_data", "checked the card"),
        ("authentication_required", "", "Not while the customer is away"),
        ("incorrect_cvc", "", "Only after the customer has typed"),
        ("expired_card", "", "Only with another card"),
        ("rule", "", "Radar"),
        ("brand_new_code", "", "Unknown code"),
    ],
)
def test_advice_goes_before_the_code_s_own_rule(code: str, advice: str, rule: str) -> None:
    assert rule in retry_rule(code, advice)


def test_every_listed_code_has_a_rule_that_agrees_with_its_row() -> None:
    for row in ROWS:
        rule = retry_rule(row.code)
        assert rule != "No."
        assert rule.startswith({"yes": "Yes", "later": "Later"}.get(row.retry, ("Not", "Never", "Only")))
        assert not is_generic(row.code) or codes.may_retry(row.code) == "later"


def test_generic_declines_are_explained_where_there_are_some_and_only_there() -> None:
    def headings(*groups: Group) -> list[str]:
        shown = document(declines(groups, NEEDED, []), subtitle="", display=Display())
        return [block.text for block in shown.blocks if isinstance(block, Heading)]

    assert "What “generic decline” means" in headings(group("generic_decline"))
    assert "What “generic decline” means" in headings(group("expired_card"), group(""))
    assert "What “generic decline” means" not in headings(group("expired_card"))


def test_columns_that_were_asked_for_stand_together_with_the_rule_of_both() -> None:
    groups = [
        group("insufficient_funds", 4, advice="do_not_try_again"),
        group("insufficient_funds", 2, path="checkout"),
    ]
    view = declines(groups, NEEDED, [], ("code", "advice"))
    table = next(
        block
        for block in document(view, subtitle="", display=Display()).blocks
        if isinstance(block, Table) and block.title == "By decline code and Stripe's advice"
    )
    assert [row[:3] for row in table.rows] == [
        ("insufficient_funds", "do not try again", "4"),
        ("insufficient_funds", "none given", "2"),
    ]
    assert table.rows[0][-1].startswith("Never again")


def test_a_share_of_the_refused_stands_beside_the_share_of_all_such_cards() -> None:
    everything = [Group(("visa", "credit", "US", "api"), 40, {}), Group(("amex", "credit", "US", "api"), 8, {})]
    view = declines([group("do_not_honor", 10), group("do_not_honor", 2, brand="amex")], NEEDED, [], (), everything)
    assert [(share.values, share.cases, share.of_all) for share in view.by["brand"]] == [
        (("visa",), 10, 40),
        (("amex",), 2, 8),
    ]
    (table,) = [
        block
        for block in document(view, subtitle="", display=Display()).blocks
        if isinstance(block, Table) and block.title == "By brand"
    ]
    assert table.rows[0] == ("Visa", "10", "83 %", "$970.00", "25 % of 40")


def test_nothing_refused_is_said_in_a_sentence() -> None:
    (block,) = document(
        declines([group("", 12, "no_payment_method")], NEEDED, []), subtitle="", display=Display()
    ).blocks
    assert isinstance(block, Paragraph)
    assert "12 cases" in block.text


VALUES = {"path": [*map(str, Path)], "code": ["", "new_code", "insufficient_funds", "lost_card"]}
groups_drawn = st.lists(
    st.builds(
        Group,
        st.tuples(*(st.sampled_from(VALUES.get(column, ["", "a", "b"])) for column in NEEDED)),
        st.integers(1, 50),
        st.dictionaries(st.sampled_from(["usd", "jpy"]), st.integers(1, 10**9)),
    ),
    max_size=30,
)


@given(groups_drawn)
def test_every_column_adds_up_to_the_refused_cases_and_their_money(groups: list[Group]) -> None:
    view = declines(groups, NEEDED, [], ("path", "code"))
    total: Counter[str] = Counter()
    for each in groups:
        if each.values[0]:
            total.update(each.amounts)
    for shares in (view.together, *view.by.values()):
        assert sum(share.cases for share in shares) == view.refused
        money_of: Counter[str] = Counter()
        for share in shares:
            money_of.update(share.amounts)
        assert money_of == total == Counter(view.amounts)
    assert set(view.by) == set(COLUMNS) - {"code"}
    for block in document(view, subtitle="", display=Display()).blocks:
        if isinstance(block, Table):
            assert all(len(row) == len(block.columns) for row in block.rows)
