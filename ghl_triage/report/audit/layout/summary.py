"""The first page: what fails, why, what recovers how much, the verdict, and what is coming."""

from __future__ import annotations

from collections.abc import Iterator

from ghl_triage.diagnosis.labels import CAUSE_TITLES
from ghl_triage.model import Cause, Path
from ghl_triage.report.audit.audit import Audit
from ghl_triage.report.audit.layout import fixes
from ghl_triage.report.audit.layout.beginning import step_sentences
from ghl_triage.report.audit.layout.conclusion import CAUTIONS
from ghl_triage.report.audit.layout.hypothesis import verdict
from ghl_triage.report.display import Display, path_name, with_interval
from ghl_triage.report.document import Bar, BarChart, Block, Bullets, Heading, Paragraph
from ghl_triage.report.rates import rate
from ghl_triage.report.rows import Money, by_money
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
    yield from _reasons(audit, display)
    can = "; ".join(fixes.reach(audit, display))
    if can:
        yield f"What can be recovered now, at most: {can}. No rate of success is assumed."
    paths = [each for each in audit.beginning if each.price is None]
    yield from (f"Since when: {sentence}" for sentence in step_sentences(paths, {})[:MOST_STEPS])
    unready = [each for each in audit.readiness if each.running.count]
    if unready:
        told = "; ".join(f"{path_name(each.path)} {each.running.count:,} of {each.running.of:,}" for each in unready)
        yield f"What is coming: running trials that began without a usable card that was set up: {told}."


def _reasons(audit: Audit, display: Display) -> Iterator[str]:
    """Why it fails, and apart from it why rules say that trials will fail: the one was seen, the other was not yet."""
    order, waiting = audit.currencies, audit.waiting
    failing = [cause for cause in audit.causes if cause.failing]
    failing.sort(key=lambda cause: (by_money(cause.due, order), -cause.failing, cause.cause))
    if failing:
        top = [_reason(one.cause, one.failing, waiting.failing, one.due, display) for one in failing[:MOST_CAUSES]]
        yield f"Why they fail, the costliest first: {'; '.join(top)}."
    at_risk = [cause for cause in audit.causes if cause.at_risk]
    at_risk.sort(key=lambda cause: (by_money(cause.to_come, order), -cause.at_risk, cause.cause))
    if at_risk:
        shown = at_risk[:MOST_CAUSES]
        top = [_reason(one.cause, one.at_risk, waiting.at_risk, one.to_come, display) for one in shown]
        told = f"Why trials are at risk, the costliest first: {'; '.join(top)}."
        warned = any(one.cause is Cause.NO_OFF_SESSION_SETUP for one in shown)
        yield f"{told} {CAUTIONS[audit.hypothesis.answer]}".rstrip() if warned else told


def _reason(cause: Cause, cases: int, of: int, money: Money, display: Display) -> str:
    return f"{CAUSE_TITLES[cause].lower()} ({cases:,} of {of:,}, {display.money(money)})"


def _bars(audit: Audit) -> Iterator[Bar]:
    for each in audit.rivals:
        if each.due and each.path is not Path.UNKNOWN:
            found = rate(each.failed, each.due)
            yield Bar(path_name(each.path), found.share or 0.0, with_interval(found), found.low, found.high)
