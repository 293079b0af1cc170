"""The filter language: what is understood, what is refused and where, what is offered."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl_triage.errors import FilterError, UsageError
from ghl_triage.store.filters import (
    QUALIFIERS,
    VIEWS,
    Anything,
    Bound,
    Exact,
    FilterQuery,
    Match,
    Measure,
    Range,
    Sort,
    SortKey,
    Word,
    complete,
    completed,
    parse,
    parse_sort,
)
from ghl_triage.store.filters.qualifiers import Kind
from ghl_triage.store.filters.values import normal


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", ()),
        ("jane acme.test", (Word("jane"), Word("acme.test"))),
        ('"Jane Roe" -test', (Word("Jane Roe"), Word("test", negated=True))),
        ("path:api", (Match("path", (Exact("api"),)),)),
        ("PATH:Api", (Match("path", (Exact("api"),)),)),
        ("stage:at-risk", (Match("stage", (Exact("at_risk"),)),)),
        ('cause:"card not default"', (Match("cause", (Exact("card_not_default"),)),)),
        ("-cause:unknown,disputed", (Match("cause", (Exact("unknown"), Exact("disputed")), negated=True),)),
        ("stage:*", (Match("stage", (Anything(),)),)),
        ("country:us currency:USD", (Match("country", (Exact("US"),)), Match("currency", (Exact("usd"),)))),
        ("price:price_1Ab", (Match("price", (Exact("price_1Ab"),)),)),
        ('tag:"do not call","*"', (Match("tag", (Exact("do not call"), Exact("*"))),)),
        ("amount:>50", (Match("amount", (Bound(">", Measure(Decimal(50))),)),)),
        ("amount:19.99", (Match("amount", (Bound("=", Measure(Decimal("19.99"))),)),)),
        ("amount:10..50", (Match("amount", (Range(Measure(Decimal(10)), Measure(Decimal(50))),)),)),
        ("attempts:>=4", (Match("attempts", (Bound(">=", Measure(Decimal(4))),)),)),
        ("age:<7D", (Match("age", (Bound("<", Measure(Decimal(7), "d")),)),)),
        ("trial_ends:*..3d", (Match("trial-ends", (Range(None, Measure(Decimal(3), "d")),)),)),
        ('12:30 a"b *', (Word("12:30"), Word('a"b'))),
        ('"path:api"', (Word("path:api"),)),
        (r'"say \"hi\" \\"', (Word('say "hi" \\'),)),
    ],
)
def test_understood(text: str, terms: tuple[object, ...]) -> None:
    assert parse(text).terms == terms


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("path:apo", 5, "Did you mean path:api?"),
        ("jane pth:api", 5, "Did you mean path:?"),
        ("cause:card_not_defalt", 6, "Did you mean cause:card_not_default?"),
        ("finding:sevral-cards", 8, "Did you mean finding:several_cards?"),
        ("trial-end:<3d", 0, "Did you mean trial-ends:?"),
        ("http://acme.test", 0, "quote it"),
        ("path:", 5, "needs a value"),
        ("path:api,", 9, "needs a value"),
        ("path:api,,x", 9, "needs a value"),
        ("amount:>", 7, "amount:>50"),
        ("amount:abc", 7, "amount:>50"),
        ("amount:1..x", 7, "amount:>50"),
        ("amount:*..*", 7, "amount:>50"),
        ("amount:>1.2345", 7, "amount:>50"),
        ("age:<7", 4, "age:<7d"),
        ("attempts:1.5", 9, "attempts:>=4"),
        ("currency:dollar", 9, "currency:usd"),
        ("x -", 2, "after the minus"),
        ("-*", 0, "leaves nothing"),
        ('x "jane', 2, "not closed"),
        ('x ""', 2, "nothing between"),
        ('"a"b', 3, "blank is missing"),
    ],
)
def test_refused_with_the_place_and_a_way_out(text: str, position: int, says: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text)
    assert caught.value.position == position
    assert says in str(caught.value)


_BITS = st.sampled_from(
    [
        *(f"{name}:" for name in QUALIFIERS),
        "-",
        '"',
        ",",
        "*",
        "..",
        ">",
        "<=",
        " ",
        "\\",
        "3d",
        "50",
        "api",
        "\udcff",
        "x",
    ]
)


@given(st.lists(_BITS | st.text(st.characters(), max_size=5), max_size=12).map("".join))
def test_any_text_is_a_filter_or_a_fault_within_it(text: str) -> None:
    try:
        query = parse(text)
    except FilterError as caught:
        fault: FilterError | None = caught
    else:
        fault = None
        assert parse(str(query)) == query
    assert fault is None or 0 <= fault.position <= len(text)


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
_NUMBERS = st.decimals(0, 10**9, places=2).map(Measure)
_COUNTS = st.integers(0, 10**8).map(lambda number: Measure(Decimal(number)))
_SPANS = st.builds(Measure, st.integers(0, 9_999).map(Decimal), st.sampled_from("hdw"))


def _values(name: str) -> st.SearchStrategy[object]:
    qualifier = QUALIFIERS[name]
    if qualifier.compares:
        measure = {Kind.MONEY: _NUMBERS, Kind.COUNT: _COUNTS}.get(qualifier.kind, _SPANS)
        bounds = st.builds(Bound, st.sampled_from([">", ">=", "<", "<=", "="]), measure)
        ranges = st.builds(Range, measure, st.none() | measure) | st.builds(Range, st.none(), measure)
        return st.just(Anything()) | bounds | ranges
    if qualifier.kind in {Kind.SLUG, Kind.SLUGS}:
        return st.just(Anything()) | st.sampled_from(qualifier.values).map(lambda value: Exact(str(value)))
    if qualifier.kind is Kind.CURRENCY:
        return st.just(Anything()) | st.sampled_from(["usd", "jpy"]).map(Exact)
    written = _TEXT.map(lambda text: normal(qualifier.kind, text))
    return st.just(Anything()) | written.filter(lambda text: normal(qualifier.kind, text) == text).map(Exact)


_MATCHES = st.sampled_from(list(QUALIFIERS)).flatmap(
    lambda name: st.builds(
        Match, st.just(name), st.lists(_values(name), min_size=1, max_size=3).map(tuple), st.booleans()
    )
)
QUERIES = st.lists(st.builds(Word, _TEXT, st.booleans()) | _MATCHES, max_size=5).map(
    lambda terms: FilterQuery(tuple(terms))
)


@given(QUERIES)
def test_a_filter_written_down_means_the_same(query: FilterQuery) -> None:
    assert parse(str(query)) == query


def test_a_qualifier_can_be_asked_for_and_left_out() -> None:
    query = parse("jane path:api -stage:lost")
    assert query.has("path")
    assert query.has("stage")
    assert query.chooses("path")
    assert not query.chooses("stage")
    assert str(query.without("path")) == "jane -stage:lost"


def test_views_are_filters() -> None:
    assert [view.title for view in VIEWS] == [
        "Fix now",
        "Customer",
        "Ends in 7 d",
        "Waiting",
        "Lost",
        "Recovered",
        "All",
    ]
    assert all(str(parse(view.filter)) == view.filter for view in VIEWS)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("", "path:"),
        ("ca", "cause:"),
        ("jane -ca", "-cause:"),
        ("trial", "trial-ends:"),
        ("cause:card", "cause:card_not_default"),
        ("-cause:unknown,card-n", "-cause:unknown,card_not_default"),
        ("cause:default", "cause:default_shadowed"),
        ("amount:", "amount:>50"),
        ("currency:", "currency:chf"),
        ("tag:do", 'tag:"do not call"'),
        ('tag:"do n', 'tag:"do not call"'),
    ],
)
def test_offers(text: str, first: str) -> None:
    values = {"currency": ["chf", "usd"], "tag": ["vip", "do not call"]}
    assert complete(text, len(text), values)[0] == first


@pytest.mark.parametrize("text", ["nothing:", '"cau', "path:zzz", "zzz"])
def test_offers_nothing_where_nothing_fits(text: str) -> None:
    assert complete(text, len(text)) == []


def test_an_offer_takes_the_place_of_the_word_at_the_cursor() -> None:
    assert completed("jane ca bob", 7, "cause:") == ("jane cause: bob", 11)
    assert completed("jane cause:ca", 13, "cause:card_expired") == ("jane cause:card_expired ", 24)


@given(st.lists(_BITS | st.text(max_size=3), max_size=8).map("".join), st.data())
def test_every_offer_that_ends_a_word_can_be_read(text: str, data: st.DataObject) -> None:
    cursor = data.draw(st.integers(0, len(text)))
    for offer in complete(text, cursor):
        if not offer.endswith(":") and "," not in offer:
            parse(offer)


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        ("amount", Sort(SortKey.AMOUNT, descending=True)),
        ("-amount", Sort(SortKey.AMOUNT)),
        ("amount:asc", Sort(SortKey.AMOUNT)),
        ("Trial_End", Sort(SortKey.TRIAL_END)),
        ("next:desc", Sort(SortKey.NEXT_RETRY, descending=True)),
        ("queue", Sort()),
    ],
)
def test_orders(text: str, sort: Sort) -> None:
    assert parse_sort(text) == sort
    assert parse_sort(str(sort)) == sort


@pytest.mark.parametrize("text", ["size", "amount:up", ""])
def test_orders_that_do_not_exist(text: str) -> None:
    with pytest.raises(UsageError):
        parse_sort(text)
