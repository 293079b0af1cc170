"""The part "What is coming": trials that began without a usable card that was set up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ghl_triage.report.audit.audit import Audit
from ghl_triage.report.audit.readiness import RECENT_WEEKS, PathReadiness
from ghl_triage.report.audit.verdict import Answer
from ghl_triage.report.display import NONE, Display, days_in_order, path_name, rate_text
from ghl_triage.report.document import Block, Column, Heading, LineChart, Paragraph, Series, Table

_OUTLOOK: Mapping[Answer, str] = {
    Answer.SUPPORTED: "One that is not ready will fail more likely at its end, weeks from now.",
    Answer.NOT_SUPPORTED: (
        "One without any card will fail at its end, weeks from now; a missing set-up alone was not why first charges "
        "failed so far."
    ),
    Answer.NOT_ENOUGH_DATA: (
        "One without any card will fail at its end, weeks from now; whether a missing set-up alone makes it fail is "
        "not decided yet."
    ),
}


def blocks(audit: Audit, display: Display) -> Iterator[Block]:
    """The whole part; nothing where no trial began lately."""
    if not audit.readiness:
        return
    yield Heading("What is coming")
    yield Paragraph(
        "A trial is ready when, within a day of sign-up, a usable card with a finished off-session set-up stood there. "
        f"{_OUTLOOK[audit.hypothesis.answer]} This is the first place where a repair of the checkout shows."
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
    labels = days_in_order(each.week for each in paths[0].weeks)
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
