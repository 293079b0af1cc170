"""Cases in, lists, sums, facets and whole cases out; SQL agrees with the same filter in plain Python."""

from __future__ import annotations

import random
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ghl_triage.currencies import to_major
from ghl_triage.model import QUEUE, Actor, Caps, CardView, Case, Cause, Finding, Path, Stage
from ghl_triage.store.filters import (
    DEFAULT_SORT,
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
    parse,
    to_sql,
)
from ghl_triage.store.reader import Reader
from ghl_triage.store.writer import Writer
from tests.store.given import DAY, NOW, case, customer, expanded, open_payment, row_of, subscription
from tests.store.test_filter_syntax import QUERIES

UNITS = {"h": 3_600, "d": DAY, "w": 7 * DAY}


def random_cases() -> list[Case]:
    """300 cases with every value that filters ask for, absent ones too; the same at every run."""
    pick = random.Random(7).choice  # noqa: S311
    names = ["Jane Roe", "", "ÉMILE", "名前 太郎", "[/] [bold]x", 'O"Neil \\ x', "x"]
    cards = [None, CardView("pm", "card"), CardView("pm", "card", "visa", "4242", funding="debit", country="US")]
    return [
        case(
            number,
            stage=pick([*QUEUE, *Stage]),
            cause=pick([Cause.DISPUTED, Cause.UNKNOWN, Cause.CARD_EXPIRED, None]),
            actor=pick(list(Actor)),
            path=pick(list(Path)),
            status=pick(["past_due", "trialing", "brand_new"]),
            currency=pick(["usd", "jpy", "kwd", "eur"]),
            amount_at_risk=pick([0, 50, 5_000, 5_050, 50_000, 123_456]),
            name=pick(names),
            findings=tuple(pick([[], [Finding.DISPUTED], [Finding.RETRIES_EXHAUSTED, Finding.DISPUTED]])),
            attempts=number % 6,
            trial_end=pick([None, NOW + (number - 150) * 7_200]),
            failed_at=pick([None, NOW - number * 9_000]),
            created=NOW - number * 9_000 - DAY,
            next_retry_at=pick([None, NOW + number * 60]),
            card=pick(cards),
            decline_code=pick(["insufficient_funds", None]),
            advice_code=pick(["try_again_later", None]),
            price=pick(["price_Basic", "price_basic", None]),
        )
        for number in range(300)
    ]


CASES = random_cases()
TAGS = {f"sub_{number}": ["vip", "do not call"][: number % 3] for number in range(300)}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    path: FilePath = tmp_path_factory.mktemp("cases") / "many.sqlite3"
    with Writer(path) as writer:
        writer.save_cases(CASES)
        for name, tags in TAGS.items():
            writer.change_tags([name], add=tags)
    with Reader(path) as reader:
        yield reader


def named(reader: Reader, rows: Any) -> list[str]:
    return [row.subscription for row in reader.case_rows(rows)]


def listed(reader: Reader, text: str, sort: Sort = DEFAULT_SORT) -> list[str]:
    return named(reader, reader.ids(to_sql(parse(text), NOW), sort))


# the language, said again in plain Python


def holds(each: Case, query: FilterQuery) -> bool:
    chosen = any(isinstance(term, Match) and term.qualifier == "stage" and not term.negated for term in query.terms)
    return (chosen or each.stage in QUEUE) and all(_term(each, term) != term.negated for term in query.terms)


def _term(each: Case, term: Word | Match) -> bool:
    if isinstance(term, Word):
        wanted = unicodedata.normalize("NFC", term.text).casefold()
        ids = [
            each.name,
            each.email,
            each.subscription,
            each.customer,
            each.invoice or "",
            each.highlevel.contact or "",
        ]
        return wanted in unicodedata.normalize("NFC", "\n".join(ids)).casefold()
    return any(_value(each, term.qualifier, value) for value in term.values)


def _value(each: Case, name: str, value: object) -> bool:
    since = each.failed_at if each.failed_at is not None else each.created
    figures: dict[str, Any] = {
        "amount": to_major(each.amount_at_risk, each.currency),
        "attempts": each.attempts,
        "age": NOW - since,
        "trial-ends": None if each.trial_end is None or each.trial_end < NOW - DAY else each.trial_end - NOW,
    }
    if name in figures:
        return _figure(figures[name], value)
    card = each.card
    texts: dict[str, list[str]] = {
        "path": [each.path],
        "status": [each.status],
        "stage": [each.stage],
        "cause": [each.cause or ""],
        "finding": list(each.findings),
        "actor": [each.actor],
        "currency": [each.currency],
        "card": [(card.last4 if card else "") or ""],
        "brand": [(card.brand if card else "") or ""],
        "funding": [(card.funding if card else "") or ""],
        "country": [(card.country if card else "") or ""],
        "price": [each.price or ""],
        "code": [each.decline_code or ""],
        "advice": [each.advice_code or ""],
        "tag": TAGS[each.subscription],
    }
    have = [text for text in texts[name] if text]
    return bool(have) if isinstance(value, Anything) else isinstance(value, Exact) and value.text in have


def _figure(have: Any, value: object) -> bool:
    if have is None or isinstance(value, Anything):
        return have is not None
    if isinstance(value, Range):
        return (value.low is None or have >= _size(value.low)) and (value.high is None or have <= _size(value.high))
    assert isinstance(value, Bound)
    wanted = _size(value.measure)
    compare: dict[str, Callable[[], bool]] = {
        ">": lambda: have > wanted,
        ">=": lambda: have >= wanted,
        "<": lambda: have < wanted,
        "<=": lambda: have <= wanted,
        "=": lambda: wanted <= have < wanted + UNITS[value.measure.unit] if value.measure.unit else have == wanted,
    }
    return compare[value.operator]()


def _size(measure: Measure) -> Any:
    return measure.amount * UNITS.get(measure.unit, 1)


_LIKELY = [
    "jane",
    "ACME",
    "émile",
    "名前",
    "sub_1",
    "ct1",
    '"[/] [bold]"',
    "path:api",
    "-path:api,checkout",
    "stage:*",
    "stage:lost",
    "-stage:at_risk",
    "cause:*",
    "-cause:*",
    "cause:disputed,unknown",
    "finding:*",
    "-finding:disputed",
    "finding:retries_exhausted,disputed",
    "actor:nobody",
    "currency:jpy",
    "amount:>50",
    "amount:<=20",
    "amount:100..1000",
    "amount:50",
    "-amount:>50",
    "age:<7d",
    "age:>2w",
    "age:3d",
    "age:48h..5d",
    "trial-ends:<3d",
    "trial-ends:>2d",
    "trial-ends:*",
    "-trial-ends:<3d",
    "trial-ends:1d",
    "attempts:>=4",
    "attempts:0,5",
    "code:insufficient_funds",
    "-code:insufficient_funds",
    "brand:*",
    "-brand:visa",
    "country:us",
    "price:price_Basic",
    "tag:vip",
    "-tag:*",
    'tag:"do not call",vip',
    "card:4242",
    "advice:*",
    "funding:debit",
    "status:brand_new",
]


@pytest.mark.parametrize("text", _LIKELY)
def test_each_qualifier_selects_what_it_says(many: Reader, text: str) -> None:
    query = parse(text)
    expected = {each.subscription for each in CASES if holds(each, query)}
    assert set(listed(many, text)) == expected
    assert expected, "this filter shows nothing, so it proves nothing"


@settings(max_examples=100, deadline=None)
@given(query=QUERIES | st.lists(st.sampled_from(_LIKELY), max_size=4).map(" ".join).map(parse))
def test_sql_and_python_agree(many: Reader, query: FilterQuery) -> None:
    rows = many.ids(to_sql(query, NOW), DEFAULT_SORT)
    assert set(named(many, rows)) == {each.subscription for each in CASES if holds(each, query)}


def test_all_lifts_the_queue(many: Reader) -> None:
    assert len(many.ids(to_sql(parse(""), NOW, default_queue=False), DEFAULT_SORT)) == len(CASES)
    assert len(listed(many, "")) == sum(each.stage in QUEUE for each in CASES)


def test_values_are_bound_never_written_into_sql(many: Reader) -> None:
    hostile = """x' OR 1=1 -- "; DROP TABLE cases"""
    query = FilterQuery((Word(hostile), Match("price", (Exact(hostile),))))
    assert hostile not in to_sql(query, NOW).sql
    assert not many.ids(to_sql(query, NOW), DEFAULT_SORT)


# order


def test_the_queue_starts_with_what_can_be_mended_now(writer: Writer, reader: Reader) -> None:
    place = [
        case(1, actor=Actor.CONSULTANT, failed_at=NOW - DAY),
        case(2, actor=Actor.CONSULTANT, failed_at=NOW - 5 * DAY),
        case(3, actor=Actor.CUSTOMER, failed_at=NOW),
        case(4, actor=Actor.NOBODY, failed_at=None, created=NOW),
        case(5, stage=Stage.AT_RISK, actor=Actor.CONSULTANT, trial_end=NOW + DAY),
        case(6, stage=Stage.AT_RISK, actor=Actor.CONSULTANT, trial_end=NOW + 9 * DAY),
        case(7, stage=Stage.AT_RISK, actor=Actor.CUSTOMER, trial_end=NOW),
        case(8, stage=Stage.LOST),
    ]
    writer.save_cases(place[::-1])
    wanted = [each.subscription for each in place]
    assert listed(reader, "") == wanted[:7]
    assert listed(reader, "stage:*") == wanted
    assert listed(reader, "stage:*", Sort(descending=True)) == wanted[::-1]
    assert named(reader, reader.ids(to_sql(parse(""), NOW), DEFAULT_SORT, 2)) == wanted[:2]


_KEYS: dict[SortKey, Callable[[Case], Any]] = {
    SortKey.CUSTOMER: lambda each: each.email.casefold(),
    SortKey.PATH: lambda each: each.path,
    SortKey.STATUS: lambda each: each.status,
    SortKey.CAUSE: lambda each: each.cause,
    SortKey.AMOUNT: lambda each: to_major(each.amount_at_risk, each.currency),
    SortKey.NEXT_RETRY: lambda each: each.next_retry_at,
    SortKey.AGE: lambda each: NOW - (each.failed_at if each.failed_at is not None else each.created),
    SortKey.TRIAL_END: lambda each: each.trial_end,
}


@pytest.mark.parametrize("key", _KEYS)
@pytest.mark.parametrize("descending", [False, True])
def test_orders_go_both_ways_and_leave_the_absent_last(many: Reader, key: SortKey, descending: bool) -> None:
    by_id = {each.subscription: each for each in CASES}
    values = [_KEYS[key](by_id[name]) for name in listed(many, "stage:*", Sort(key, descending))]
    present = [value for value in values if value is not None]
    assert values == sorted(present, reverse=descending) + [None] * (len(values) - len(present))


# sums and counts


def test_sums_never_mix_two_currencies(many: Reader) -> None:
    query = parse("path:api,checkout")
    totals = many.totals(to_sql(query, NOW))
    chosen = [each for each in CASES if holds(each, query)]
    assert totals.count == len(chosen)
    for stage, total in totals.by_stage.items():
        amounts: Counter[str] = Counter()
        for each in chosen:
            if each.stage is stage:
                amounts[each.currency] += each.amount_at_risk
        assert total.amounts == amounts
        assert total.count == sum(each.stage is stage for each in chosen)
    assert set(totals.by_stage) == set(QUEUE)
    rows = many.ids(to_sql(query, NOW), DEFAULT_SORT)
    selected: Counter[str] = Counter()
    for each in chosen:
        selected[each.currency] += each.amount_at_risk
    assert many.sums(rows) == selected


@pytest.mark.parametrize(
    "text", ["", "path:api", "cause:disputed path:api currency:usd", "jane -path:api", "stage:lost"]
)
def test_a_facet_leaves_its_own_qualifier_out(many: Reader, text: str) -> None:
    query = parse(text)
    facets = many.facets(query, NOW)
    for name in ("path", "cause", "currency"):
        counted = Counter(getattr(each, name) or "" for each in CASES if holds(each, query.without(name)))
        del counted[""]
        found = getattr(facets, name)
        assert dict(found) == counted
        assert [count for _, count in found] == sorted(counted.values(), reverse=True)


def test_views_count_what_waits_there_whatever_the_filter(many: Reader) -> None:
    counts = many.facets(parse("path:api nothing-like-this"), NOW).views
    assert counts == {view.slug: len(listed(many, view.filter)) for view in VIEWS}


def test_counts_are_new_after_every_write(tmp_path: FilePath) -> None:
    path = tmp_path / "store.sqlite3"
    where = to_sql(parse(""), NOW)
    with Writer(path) as writer:
        writer.save_cases([case(1)])
        with Reader(path) as reader:
            for count in (1, 2, 3):
                assert reader.totals(where).count == count
                assert reader.facets(parse("path:checkout"), NOW).views["all"] == count
                writer.save_cases([case(count + 1)])


# whole cases


def test_a_case_comes_back_as_it_went_in(many: Reader) -> None:
    assert many.cases([each.subscription for each in CASES]) == CASES
    assert many.case("sub_none") is None


def test_lines_stand_in_the_order_asked_for(many: Reader) -> None:
    rows = [row_of(many, name) for name in ("sub_7", "sub_3", "sub_5")]
    assert named(many, [*rows, 99_999]) == ["sub_7", "sub_3", "sub_5"]
    line = many.case_rows(rows[:1])[0]
    assert (line.email, line.amount_at_risk, line.currency) == (
        CASES[7].email,
        CASES[7].amount_at_risk,
        CASES[7].currency,
    )


def test_an_unchanged_case_is_not_written_again(writer: Writer, reader: Reader) -> None:
    assert writer.save_cases([case(1), case(2)]) == 2
    version = reader.data_version()
    row = row_of(reader, "sub_1")
    assert writer.save_cases([case(1), case(2, attempts=9)]) == 1
    assert row_of(reader, "sub_1") == row
    assert reader.data_version() != version
    version = reader.data_version()
    writer.save_cases([case(1)])
    assert reader.data_version() == version, "the screen is told of changes alone"


def test_tags_and_notes_stay_with_their_case(writer: Writer, reader: Reader) -> None:
    writer.save_cases([case(1)])
    writer.change_tags(["sub_1"], add=["VIP", " call "])
    writer.add_note("sub_1", "called him", NOW)
    writer.save_cases([case(1, attempts=5)])
    assert reader.tags("sub_1") == ["call", "vip"]
    assert listed(reader, "tag:Vip") == ["sub_1"]
    assert [(note.at, note.text) for note in reader.notes("sub_1")] == [(NOW, "called him")]


def test_found_by_whatever_id_one_has(writer: Writer, reader: Reader) -> None:
    writer.write_objects([expanded(1), open_payment(1), expanded(2)], fetched_at=NOW)
    writer.write_objects([subscription(3, customer="cus_1")], fetched_at=NOW)
    writer.save_cases([case(1), case(2), case(3, customer="cus_1")])
    for wanted in ("sub_1", "in_1", "pi_1", "ch_1", "inpay_1"):
        assert [each.subscription for each in reader.find(f" {wanted} ")] == ["sub_1"], wanted
    for wanted in ("cus_1", "pm_1", "seti_1"):
        assert {each.subscription for each in reader.find(wanted)} == {"sub_1", "sub_3"}, wanted
    assert [each.subscription for each in reader.find("USER2@acme.test")] == ["sub_2"]
    assert reader.find("nobody@acme.test") == []


# verdicts


def test_new_verdicts_follow_the_records(writer: Writer, reader: Reader) -> None:
    writer.write_objects([expanded(1), open_payment(1), customer(2)], fetched_at=NOW)
    assert writer.rediagnose(["cus_1"], NOW, Caps()) == 1
    first = reader.case("sub_1")
    assert first is not None
    assert first.stage is Stage.FAILING
    row = row_of(reader, "sub_1")
    writer.write_objects([subscription(1, status="active")], fetched_at=NOW + 1)
    writer.rediagnose(["cus_1"], NOW, Caps())
    second = reader.case("sub_1")
    assert second is not None
    assert second.status == "active"
    assert row_of(reader, "sub_1") == row
    writer.mark_deleted("subscription", ["sub_1"])
    writer.rediagnose(None, NOW, Caps())
    assert reader.case("sub_1") is None


def test_a_namesakes_verdict_is_given_anew_too(writer: Writer, reader: Reader) -> None:
    same = {"email": "same@acme.test"}
    writer.write_objects([customer(1, **same), subscription(1), customer(2, **same), subscription(2)], fetched_at=NOW)
    assert writer.rediagnose(["cus_1"], NOW, Caps()) == 2
    writer.write_objects([customer(2, email="new@acme.test")], fetched_at=NOW + 1)
    assert writer.rediagnose(["cus_2"], NOW, Caps()) == 2, "he was a namesake until now"
    assert writer.rediagnose(["cus_2"], NOW, Caps()) == 1


def test_whose_verdict_time_alone_may_change(writer: Writer, reader: Reader) -> None:
    quiet = case(0, trial_end=None, next_retry_at=None)
    writer.save_cases(
        [
            replace(quiet, subscription="sub_a", customer="cus_a", trial_end=NOW),
            replace(quiet, subscription="sub_b", customer="cus_b", next_retry_at=NOW + 3_600),
            replace(quiet, subscription="sub_c", customer="cus_c", trial_end=NOW + 60),
            replace(quiet, subscription="sub_d", customer="cus_d"),
        ]
    )
    assert reader.due(NOW - 60, NOW) == {"cus_a", "cus_b"}
    assert reader.due(NOW, NOW + 60) == {"cus_c"}
