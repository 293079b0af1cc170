"""Cases counted by columns: the same as counting them by hand, whatever the filter; currencies stay apart."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path as FilePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ghl_triage.model import QUEUE, Case
from ghl_triage.store.filters import parse, to_sql
from ghl_triage.store.groups import GROUPINGS
from ghl_triage.store.reader import Reader
from ghl_triage.store.writer import Writer
from tests.store.given import NOW
from tests.store.test_cases import CASES


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    path: FilePath = tmp_path_factory.mktemp("groups") / "many.sqlite3"
    with Writer(path) as writer:
        writer.save_cases(CASES)
    with Reader(path) as reader:
        yield reader


def value(case: Case, column: str) -> str:
    """What the table of cases holds for a case."""
    if column in ("brand", "funding", "country"):
        return (getattr(case.card, column) if case.card else None) or ""
    named = {"code": case.decline_code, "advice": case.advice_code, "cause": case.cause}
    return str((named[column] if column in named else getattr(case, column)) or "")


@given(st.lists(st.sampled_from(GROUPINGS), min_size=1, max_size=3, unique=True), st.booleans())
@settings(deadline=None, max_examples=40)
def test_groups_are_what_counting_by_hand_gives(many: Reader, columns: list[str], everything: bool) -> None:
    cases = [case for case in CASES if everything or case.stage in QUEUE]
    counts = Counter(tuple(value(case, column) for column in columns) for case in cases)
    amounts: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for case in cases:
        amounts[tuple(value(case, column) for column in columns)][case.currency] += case.amount_at_risk
    found = many.groups(to_sql(parse(""), NOW, default_queue=not everything), columns)
    assert {group.values: group.count for group in found} == counts
    assert {group.values: dict(group.amounts) for group in found} == {key: dict(+sums) for key, sums in amounts.items()}
    assert [group.count for group in found] == sorted(counts.values(), reverse=True)


def test_a_filter_narrows_the_groups_and_a_column_of_no_table_is_refused(many: Reader) -> None:
    (group,) = many.groups(to_sql(parse("path:api"), NOW), ["path"])
    assert group.values == ("api",)
    assert group.count == many.totals(to_sql(parse("path:api"), NOW)).count
    with pytest.raises(ValueError, match="json"):
        many.groups(to_sql(parse(""), NOW), ["json"])
