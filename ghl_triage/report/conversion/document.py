"""Lays out the conversion report: the states, the rates, who differs, before and after, cohorts, money."""

from __future__ import annotations

from collections.abc import Iterator

from ghl_triage.report.conversion.cohorts import cohorts, money_blocks, not_counted
from ghl_triage.report.conversion.numbers import Conversion, Group, SinceFix
from ghl_triage.report.conversion.sheet import Sheet
from ghl_triage.report.conversion.words import against_sentence, fix_sentence
from ghl_triage.report.display import Display, with_interval
from ghl_triage.report.document import Bar, BarChart, Block, Column, Document, Heading, Paragraph, Table
from ghl_triage.report.rates import Rate
from ghl_triage.report.trial_words import STATES
from ghl_triage.trial import COHORT

_GROUPS = {"path": "path", "price": "price", "total": "trials"}


def document(found: Conversion, *, display: Display, account: str = "") -> Document:
    """The report; `account` names whose it is."""
    sheet = Sheet(found, display)
    made = f"Made {display.moment(found.made_at)}, {_read(sheet)}"
    blocks = (
        *_overview(sheet),
        *_differences(sheet),
        *(_fix(sheet, found.since_fix) if found.since_fix is not None else ()),
        *cohorts(sheet),
        *money_blocks(sheet),
        *not_counted(sheet),
    )
    return Document("From trial to paid", f"{account}. {made}" if account else made, blocks)


def _read(sheet: Sheet) -> str:
    since = sheet.found.read_from
    if since is None:
        return "while charges, paid invoices or subscriptions were not all read yet: nothing can be counted."
    return f"on trials that ended since {sheet.display.moment(since)}: from then on every first charge was read."


def _overview(sheet: Sheet) -> Iterator[Block]:
    groups, days = sheet.groups(), sheet.found.retry_window // 86_400
    title = f"Trials by {_GROUPS[sheet.found.by]}" if sheet.found.by != "total" else "Trials"
    yield Heading(title)
    yield Table(
        "What became of the trials whose end has come",
        (Column(""), Column("Trials", "right"), *(Column(STATES[state], "right") for state in COHORT)),
        tuple(
            (sheet.name(one.key), f"{one.all.trials:,}", *(f"{one.all.states[state]:,}" for state in COHORT))
            for one in groups
        ),
        "The six states add up to the trials.",
    )
    yield Table(
        "Rates, with 95 % intervals",
        (
            Column(""),
            Column("Not paid at first try", "right"),
            Column("First charges refused", "right"),
            Column("Nothing to charge", "right"),
            Column("Recovered of the unpaid", "right"),
            Column("Paid in the end", "right"),
            Column("Conversion", "right"),
        ),
        tuple((sheet.name(one.key), *map(with_interval, _rates(one))) for one in groups),
        f"The last three are of mature trials alone: those that ended {days} days ago or earlier, so that Stripe's "
        "retries are over. Conversion is Stripe's: paid of all whose trial ended, the called-off ones among them. The "
        "others leave those out.",
    )
    yield BarChart(
        "Not paid at the first try",
        tuple(_bar(sheet.name(one.key), one.all.unpaid_at_first) for one in groups if one.all.due),
    )


def _rates(group: Group) -> tuple[Rate, ...]:
    every, mature = group.all, group.mature
    return every.unpaid_at_first, every.refused, every.no_method, mature.recovered, mature.paid, mature.conversion


def _bar(label: str, rate: Rate) -> Bar:
    return Bar(label, rate.share or 0.0, with_interval(rate), rate.low, rate.high)


def _differences(sheet: Sheet) -> Iterator[Block]:
    against = sheet.found.against
    if not against:
        return
    base = sheet.name(against[0].baseline)
    yield Heading(f"Measured by {base}")
    for one in against:
        yield Paragraph(against_sentence(one.contrast, sheet.name(one.key), base), "strong")
    yield Paragraph(
        "Real means: the 95 % interval of the difference does not hold 0, and Fisher's exact test gives p < 0.05.",
        "note",
    )


def _fix(sheet: Sheet, since: SinceFix) -> Iterator[Block]:
    yield Heading(f"Before and after {sheet.display.day(since.at)}")
    for one in since.groups:
        yield Paragraph(fix_sentence(one, sheet.name(one.key)), "strong")
    sides = [(one, side, part) for one in since.groups for side, part in (("before", one.before), ("after", one.after))]
    yield Table(
        "Trials that began before and after",
        (
            Column(""),
            Column("Began"),
            Column("Due", "right"),
            Column("Not paid at first try", "right"),
            Column("Paid by now", "right"),
        ),
        tuple(
            (
                sheet.name(one.key),
                side,
                f"{part.due:,}",
                with_interval(part.unpaid_at_first),
                with_interval(part.paid),
            )
            for one, side, part in sides
        ),
        "A trial counts by its sign-up: a fix of the checkout helps those who come after it.",
    )
    first = since.first_end
    if first is None:
        yield Paragraph("No trial that counts began after it.", "note")
    elif first > sheet.found.made_at:
        yield Paragraph(f"The first trial that began after it ends on {sheet.display.day(first)}.", "note")
    bars = [(f"{sheet.name(one.key)}, {side}", part.unpaid_at_first) for one, side, part in sides if part.due]
    yield BarChart("Not paid at the first try, before and after", tuple(_bar(*each) for each in bars))
