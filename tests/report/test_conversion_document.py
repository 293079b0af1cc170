"""The conversion report as people read it: sentences made of the numbers, tables that add up, CSV."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC

import pytest

from ghl_triage.cli.converting import conversion_csv
from ghl_triage.model import Coverage, Path
from ghl_triage.report import markdown
from ghl_triage.report.conversion.counting import conversion
from ghl_triage.report.conversion.document import document
from ghl_triage.report.conversion.numbers import Conversion
from ghl_triage.report.display import Display
from ghl_triage.report.document import BarChart, Bullets, Document, LineChart, Paragraph, Table
from ghl_triage.trial import LeftOut, Trial, TrialState
from tests.report.test_conversion import DAY, MIXED, NOW, READ, WEEK, many, report, trial


def page(found: Conversion) -> Document:
    return document(found, display=Display(UTC), account="Acme (test mode)")


def said(found: Conversion, tone: str = "strong") -> str:
    return "\n".join(one.text for one in page(found).blocks if isinstance(one, Paragraph) and one.tone == tone)


def tables(found: Conversion) -> dict[str, Table]:
    return {one.title: one for one in page(found).blocks if isinstance(one, Table)}


TWO_PATHS = [
    *many({TrialState.CONVERTED: 117, TrialState.OPEN: 3}, path=Path.HIGHLEVEL),
    *many({TrialState.CONVERTED: 75, TrialState.OPEN: 25}, currency="jpy"),
]


def test_a_real_difference_is_said_with_its_numbers() -> None:
    text = said(report(TWO_PATHS))
    assert "custom API checkout: 25 % (25 of 100) not paid at the first try" in text
    assert "against 2.5 % (3 of 120) on HighLevel" in text
    assert "Ratio 10.0 times (3.1 to 32), difference +22 points (+14 to +32), p < 0.0001." in text
    assert "The difference is real" in text


@pytest.mark.parametrize(
    ("api", "expected"),
    [
        ({TrialState.CONVERTED: 1_950, TrialState.OPEN: 50}, "No difference worth speaking of"),
        ({TrialState.CONVERTED: 9, TrialState.OPEN: 1}, "Not enough data to say whether there is a difference."),
        ({TrialState.CONVERTED: 40}, "A count of none, or of all, makes the ratio a rough one."),
        ({TrialState.CANCELED: 3}, ""),
    ],
)
def test_no_difference_and_too_little_data_are_said_too(api: dict[TrialState, int], expected: str) -> None:
    base = many({TrialState.CONVERTED: 1_950, TrialState.OPEN: 50}, path=Path.HIGHLEVEL)
    text = said(report([*base, *many(api)]))
    assert expected in text
    assert ("would tell." in text) == ("Not enough" in text)
    assert bool(text) == bool(expected)


def test_the_fix_is_proven_or_not() -> None:
    fix = NOW - 45 * DAY
    before = many({TrialState.CONVERTED: 60, TrialState.OPEN: 20}, end=NOW - 16 * DAY)
    after = many({TrialState.CONVERTED: 76, TrialState.OPEN: 4}, end=NOW - 14 * DAY)
    running = [trial(TrialState.RUNNING, NOW + DAY)]
    text = said(report([*before, *after, *running], since_fix=fix))
    assert "5.0 % (4 of 80) not paid at the first try after the fix, against 25 % (20 of 80) before" in text
    assert "The fix works" in text
    assert "1 trial that began after it has yet to end." in text
    few = report([*before, *many({TrialState.CONVERTED: 9, TrialState.OPEN: 1}, end=NOW - 14 * DAY)], since_fix=fix)
    assert re.search(r"If the rate stays as it is, about \d+ more trials after the fix would tell\.", said(few))
    text = said(report([*before, *running], since_fix=fix))
    assert "no trial that began after the fix was due yet" in text
    assert "The first trial that began after it ends on Nov 26 2026." in said(report(running, since_fix=fix), "note")


def test_the_states_and_money_of_each_group_stand_in_rows_as_wide_as_the_table() -> None:
    found = report([*many(MIXED), *TWO_PATHS])
    for table in tables(found).values():
        assert {len(row) for row in table.rows} == {len(table.columns)}
    states = tables(found)["What became of the trials whose end has come"].rows
    assert states[-1] == ("All trials", "320", "252", "8", "34", "2", "20", "4")
    money = tables(found)["What the first invoices brought, and what they still ask for"].rows
    assert ("custom API checkout", "JPY", "¥727,500", "–", "¥242,500", "–", "–", "–") in money
    assert (
        "custom API checkout",
        "USD",
        "$5,820.00",
        "$776.00",
        "$582.00",
        "$194.00",
        "$1,940.00",
        "$388.00",
    ) in money


def test_charts_show_whole_cohorts_alone_and_intervals() -> None:
    old = NOW - 8 * WEEK
    found = report([trial(end=NOW - 3 * WEEK), trial(TrialState.OPEN, NOW - 5 * WEEK), trial(end=old), trial(end=NOW)])
    bars = next(one for one in page(found).blocks if isinstance(one, BarChart))
    assert (bars.bars[0].label, bars.bars[0].text) == ("custom API checkout", "1 of 4: 25 % (4.6 % to 70 %)")
    assert bars.bars[0].low == pytest.approx(0.046, abs=1e-3)
    lines = next(one for one in page(found).blocks if isinstance(one, LineChart))
    assert lines.labels[0] == "Oct 5", "the week of September 28 was not read whole"
    assert lines.labels[-1] == "Nov 16", "this week is not over"
    weeks = tables(found)["Cohorts by week: custom API checkout"].rows
    assert [(row[0], row[-1]) for row in weeks] == [
        ("Sep 28 2026", "yes, part"),
        ("Oct 19", "yes"),
        ("Nov 2", "yes"),
        ("Nov 23", "not mature, part"),
    ]


def test_prices_are_named_by_what_they_ask_for_and_the_chart_shows_the_largest() -> None:
    trials = [trial(price=f"price_abcde{n}", end=NOW - 3 * WEEK) for n in range(8) for _ in range(10 - n)]
    found = report(trials, by="price")
    names = [row[0] for row in tables(found)["What became of the trials whose end has come"].rows]
    assert names[0] == "$97.00 (…abcde0)"
    lines = next(one for one in page(found).blocks if isinstance(one, LineChart))
    assert len(lines.series) == 6
    assert lines.title.endswith("the 6 with most trials")


def test_what_is_not_counted_is_said() -> None:
    left = [trial(left_out=reason) for reason in LeftOut]
    found = report([trial(), *left, trial(TrialState.UNREAD), trial(TrialState.RUNNING)])
    bullets = next(one for one in page(found).blocks if isinstance(one, Bullets))
    assert len(bullets.items) == 2 + len(LeftOut)


def test_an_account_that_is_still_being_read_says_so() -> None:
    unread = [trial(TrialState.UNREAD)]
    found = conversion(unread, now=NOW, coverage=Coverage(), zone=UTC)
    assert "nothing can be counted" in page(found).subtitle
    assert "1 trial that ended before" in markdown.render(page(found))


def test_the_csv_has_a_line_for_each_group_and_period() -> None:
    rows: list[Trial] = [*many(MIXED, price="=cmd"), trial(price="price_b", end=NOW - 5 * WEEK)]
    lines = list(csv.DictReader(io.StringIO(conversion_csv(report(rows, by="price")))))
    first = next(line for line in lines if line["trials"] == "100")
    assert first["price"] == "'=cmd", "no spreadsheet takes it for a formula"
    assert (first["period"], first["whole"], first["mature"]) == ("2026-11-02", "1", "1")
    assert [first[state] for state in MIXED] == ["60", "8", "6", "2", "20", "4"]
    assert (first["due"], first["unpaid_at_first_rate"], first["open_usd"]) == ("80", "0.25", "58200")
    assert len(lines[0]) == len(set(lines[0])), "no column's name stands twice"
    empty = next(line for line in lines if line["trials"] == "0")
    assert empty["conversion_rate"] == ""


def test_the_period_of_the_read_is_named() -> None:
    assert READ.charges_since is not None
    assert "on trials that ended since Oct 01 2026" in page(report([trial()])).subtitle
