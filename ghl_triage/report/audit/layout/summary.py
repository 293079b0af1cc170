"""The first page: what fails, why, what recovers how much, the verdict, and what is coming."""

from __future__ import annotations

from collections.abc import Iterator

from ghl_triage.diagnosis.labels import CAUSE_TITLES
from ghl_triage.model import Path
from ghl_triage.report.audit.audit import Audit
from ghl_triage.report.audit.layout import fixes
from ghl_triage.report.audit.layout.beginning import step_sentences
from ghl_triage.report.audit.layout.hypothesis import verdict
from ghl_triage.report.display import Display, path_name, percent, with_interval
from ghl_triage.report.document import Bar, BarChart, Block, Bullets, Heading, Paragraph
from ghl_triage.report.rates import rate
from ghl_triage.text import plural

MOST_CAUSES = 3
MOST_STEPS = 4


def blocks(audit: Audit, display: Display) -> Iterator[Block]:
    """The whole page."""
    yield Heading("Summary")
    yield Bullets(tuple(_points(audit, display)))
    yield Paragraph(f"The hypothesis of missing off-session set-ups: {verdict(audit)}", "strong")
    bars = tuple(_bars(audit))
    if bars:
        yield BarChart("First charges that did not come through, by path (95 % interval)", bars)


def _points(audit: Audit, display: Display) -> Iterator[str]:
    waiting = audit.waiting
    if not waiting.cases:
        yield "Nothing fails, and no running trial is at risk."
    else:
        yield (
            f"What fails: {plural(waiting.failing, 'subscription')} with {display.money(waiting.failing_money)} due. "
            f"At risk: {plural(waiting.at_risk, 'running trial')} with {display.money(waiting.at_risk_money)} to come."
        )
    if audit.causes:
        top = "; ".join(
            f"{CAUSE_TITLES[cause.cause].lower()} ({percent(cause.share)} of the cases, {display.money(cause.money)})"
            for cause in audit.causes[:MOST_CAUSES]
        )
        yield f"Why, the costliest first: {top}."
    can = "; ".join(fixes.reach(audit, display))
    if can:
        yield f"What can be recovered now, at most: {can}. No rate of success is assumed."
    paths = [each for each in audit.beginning if each.price is None]
    yield from (f"Since when: {sentence}" for sentence in step_sentences(paths, {})[:MOST_STEPS])
    unready = [each for each in audit.readiness if each.running.count]
    if unready:
        told = "; ".join(f"{path_name(each.path)} {each.running.count:,} of {each.running.of:,}" for each in unready)
        yield f"What is coming: running trials that began without a usable card that was set up: {told}."


def _bars(audit: Audit) -> Iterator[Bar]:
    for each in audit.rivals:
        if each.due and each.path is not Path.UNKNOWN:
            found = rate(each.failed, each.due)
            yield Bar(path_name(each.path), found.share or 0.0, with_interval(found), found.low, found.high)
