"""The parts on cohorts, money, and what is not counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from ghl_triage.report.conversion.numbers import Cohort
from ghl_triage.report.conversion.sheet import Sheet
from ghl_triage.report.display import NONE, days_in_order, percent
from ghl_triage.report.document import Block, Bullets, Column, Heading, LineChart, Paragraph, Series, Table
from ghl_triage.report.trial_words import LEFT_OUT, STATES
from ghl_triage.text import plural
from ghl_triage.trial import COHORT

MOST_LINES = 6
"""Groups that the chart shows: more lines could not be told apart."""


def cohorts(sheet: Sheet) -> Iterator[Block]:
    """The trials by the week or month of their end; nothing where none has ended."""
    found = sheet.found
    if not found.cohorts:
        return
    yield Heading(f"By the {found.period} in which the trial ended")
    largest = {group.key for group in found.groups[:MOST_LINES]}
    whole = [one for one in found.cohorts if one.whole and one.over and one.key in largest]
    if whole:
        yield _chart(sheet, whole)
    for group in found.groups:
        rows = [one for one in found.cohorts if one.key == group.key and one.figures.trials]
        if rows:
            yield _table(sheet, group.key, rows)
    yield Paragraph(
        "Not mature: some of its trials are younger than the retry window, so open ones may yet be paid. Part: the "
        f"{found.period} is not over, or begins before the time from which charges were read; it is not in the chart.",
        "note",
    )


def _chart(sheet: Sheet, cohorts: Sequence[Cohort]) -> LineChart:
    periods = sorted({one.period for one in cohorts})
    series = []
    for key, rows in groupby(
        sorted(cohorts, key=lambda one: (_place(sheet, one.key), one.period)), lambda one: one.key
    ):
        rates = {one.period: one.figures.unpaid_at_first for one in rows}
        values = tuple(rates[period].share if period in rates else None for period in periods)
        series.append(Series(sheet.name(key), values, tuple(percent(value) for value in values)))
    return LineChart(
        f"Not paid at the first try, by {sheet.found.period}"
        f"{f': the {MOST_LINES} with most trials' if len(sheet.found.groups) > MOST_LINES else ''}",
        tuple(f"{period.day:%b} {period.day.day}" for period in periods),
        tuple(series),
    )


def _place(sheet: Sheet, key: str) -> int:
    return [group.key for group in sheet.found.groups].index(key)


def _table(sheet: Sheet, key: str, rows: Sequence[Cohort]) -> Table:
    period = sheet.found.period
    days = days_in_order(one.period.day for one in rows)
    return Table(
        f"Cohorts by {period}: {sheet.name(key)}",
        (
            Column(f"{period.capitalize()} of"),
            Column("Trials", "right"),
            *(Column(STATES[state], "right") for state in COHORT),
            Column("Not paid at first try", "right"),
            Column("Mature"),
        ),
        tuple(_cohort_row(day, one) for day, one in zip(days, rows, strict=True)),
    )


def _cohort_row(day: str, one: Cohort) -> tuple[str, ...]:
    mature = "yes" if one.mature else "not mature"
    return (
        day,
        f"{one.figures.trials:,}",
        *(f"{one.figures.states[state]:,}" for state in COHORT),
        percent(one.figures.unpaid_at_first.share),
        mature if one.whole and one.over else f"{mature}, part",
    )


def money_blocks(sheet: Sheet) -> Iterator[Block]:
    """What the trials brought, and what they still ask for, each currency by itself."""
    rows = [
        (sheet.name(group.key), currency.upper(), *(_amount(sheet, amounts[state], currency) for state in COHORT))
        for group in sheet.groups()
        for currency, amounts in group.all.money.items()
    ]
    if rows:
        yield Heading("Money")
        yield Table(
            "What the first invoices brought, and what they still ask for",
            (Column(""), Column("Currency"), *(Column(STATES[state], "right") for state in COHORT)),
            tuple(rows),
            "Paid ones: what was paid on that invoice, before refunds and fees. The others: what it asked for, or "
            "where there was none, the price. Currencies are never added up.",
        )


def _amount(sheet: Sheet, amount: int, currency: str) -> str:
    return sheet.display.one(amount, currency) if amount else NONE


def not_counted(sheet: Sheet) -> Iterator[Block]:
    """The trials that are in no cohort, and why."""
    found = sheet.found
    told = [
        (found.running, "still in trial, or whose first charge is to come"),
        (found.called_off, "called off, whose end is yet to come"),
        (found.unread, "that ended before the time from which charges were read, or whose first charge can't be told"),
        *((found.left_out.get(reason, 0), what) for reason, what in LEFT_OUT.items()),
    ]
    items = tuple(f"{plural(count, 'trial')} {what}" for count, what in told if count)
    if items:
        yield Heading("Not counted")
        yield Bullets(items)
