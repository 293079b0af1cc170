"""The parts "When it began" and "What is coming"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ghl_triage.report.audit.audit import Audit
from ghl_triage.report.audit.beginning import LEAST_SIDE, Step, Week, WeeklySeries
from ghl_triage.report.audit.layout.display import NONE, Display, p_text, path_name, percent, rate_text, week_text
from ghl_triage.report.audit.readiness import RECENT_WEEKS, PathReadiness
from ghl_triage.report.document import Block, Bullets, Column, Heading, LineChart, Paragraph, Series, Table
from ghl_triage.text import clean


def blocks(audit: Audit) -> Iterator[Block]:
    """When it began: the steps, then every path by week."""
    if not audit.beginning:
        return
    yield Heading("When it began")
    yield Paragraph(
        "First charges that did not come through (refused, or with nothing to charge), by the week in which the trial "
        "began. A deploy that broke a checkout shows as a step."
    )
    steps = step_sentences(audit.beginning)
    if steps:
        yield Bullets(steps)
    else:
        yield Paragraph("No step stands out from chance in any path or price.")
    for series in audit.beginning:
        if series.price is None:
            prices = [each for each in audit.beginning if each.path is series.path and each.price is not None]
            yield from _path(series, prices)
    yield Paragraph(
        "How a step is found: every week with at least "
        f"{LEAST_SIDE} first charges before and after it is tried with Fisher's exact test, and p is multiplied by the "
        "number of weeks tried. A slow slide would show as a step too: the weeks beside it tell.",
        "note",
    )


def step_sentences(series: Sequence[WeeklySeries]) -> tuple[str, ...]:
    """Each step that numbers bear, in a sentence."""
    return tuple(_sentence(each, step) for each in series for step in each.steps)


def _sentence(series: WeeklySeries, step: Step) -> str:
    turn = "more fail" if step.worse else "fewer fail"
    return (
        f"{_name(series)}: from the week of {week_text(step.week)} on {turn}: {rate_text(step.since)}; "
        f"before {rate_text(step.before)} ({p_text(step.p)}, corrected for {step.tried} weeks tried)."
    )


def _name(series: WeeklySeries) -> str:
    path = path_name(series.path)
    return path if series.price is None else f"{path}, price {clean(series.price) or 'unknown'}"


def _path(series: WeeklySeries, prices: Sequence[WeeklySeries]) -> Iterator[Block]:
    weeks = _filled([series])
    lines = [Series("all prices" if prices else path_name(series.path), *_line(series.weeks, weeks))]
    lines += [Series(clean(each.price or "unknown price"), *_line(each.weeks, weeks)) for each in prices]
    yield LineChart(
        f"{path_name(series.path)}: share that did not come through, by week of sign-up",
        tuple(week_text(series.weeks[place].week) for place in weeks),
        tuple(lines),
        1.0,
    )
    yield Table(
        f"{path_name(series.path)}: first charges by week of sign-up",
        (
            Column("Week of"),
            Column("Came due", "right"),
            Column("Refused", "right"),
            Column("Nothing to charge", "right"),
            Column("Did not come through", "right"),
            *(Column(clean(each.price or "unknown price"), "right") for each in prices),
        ),
        tuple(_row(series.weeks[place], [each.weeks[place] for each in prices]) for place in weeks),
    )


def _filled(series: Sequence[WeeklySeries]) -> list[int]:
    """The weeks from the first in which something came due to the last one."""
    places = [place for each in series for place, week in enumerate(each.weeks) if week.due]
    return list(range(min(places), max(places) + 1)) if places else []


def _line(weeks: Sequence[Week], places: Sequence[int]) -> tuple[tuple[float | None, ...], tuple[str, ...]]:
    shown = [weeks[place] for place in places]
    return tuple(week.failed / week.due if week.due else None for week in shown), tuple(map(_cell, shown))


def _row(week: Week, prices: Sequence[Week]) -> tuple[str, ...]:
    return (
        week_text(week.week),
        f"{week.due:,}",
        f"{week.refused:,}",
        f"{week.nothing_to_charge:,}",
        percent(week.failed / week.due) if week.due else NONE,
        *(_cell(each) for each in prices),
    )


def _cell(week: Week) -> str:
    return f"{week.failed:,} of {week.due:,}" if week.due else NONE


def coming(audit: Audit, display: Display) -> Iterator[Block]:
    """What is coming: trials that began without a usable card that was set up."""
    if not audit.readiness:
        return
    yield Heading("What is coming")
    yield Paragraph(
        "A trial is ready when, within a day of sign-up, a usable card with a finished off-session set-up stood there. "
        "One that is not ready will fail more likely at its end, weeks from now: this is the first place where a "
        "repair of the checkout shows."
    )
    yield Table(
        "Trials that run now",
        (
            Column("Path"),
            Column("Not ready at the start", "right"),
            Column("Can't be told", "right"),
            Column("To be charged of these", "right"),
        ),
        tuple(
            (
                path_name(each.path),
                rate_text(each.running) if each.running.of else NONE,
                f"{each.running_untold:,}" if each.running_untold else NONE,
                display.money(each.money),
            )
            for each in audit.readiness
        ),
        "The last column is one period of the running trials that were not ready.",
    )
    yield from _starts(audit.readiness)


def _starts(paths: Sequence[PathReadiness]) -> Iterator[Block]:
    labels = tuple(week_text(each.week) for each in paths[0].weeks)
    if not labels:
        return
    yield LineChart(
        f"Share of new trials that were not ready, by week of sign-up, the last {RECENT_WEEKS} weeks",
        labels,
        tuple(
            Series(
                path_name(each.path),
                tuple(week.not_ready.share for week in each.weeks),
                tuple(rate_text(week.not_ready) if week.not_ready.of else NONE for week in each.weeks),
            )
            for each in paths
        ),
        1.0,
    )
    yield Table(
        "New trials that were not ready, of those that can be told",
        (Column("Week of"), *(Column(path_name(each.path), "right") for each in paths)),
        tuple((label, *(_started(each, place) for each in paths)) for place, label in enumerate(labels)),
    )


def _started(path: PathReadiness, place: int) -> str:
    week = path.weeks[place]
    if not week.not_ready.of:
        return f"{week.untold:,} can't be told" if week.untold else NONE
    return f"{week.not_ready.count:,} of {week.not_ready.of:,}"
