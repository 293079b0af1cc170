"""The part "What fails, and why": causes by path, then each cause with its fix and its examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ghl_triage.diagnosis.labels import CAUSE_TITLES
from ghl_triage.diagnosis.reasons import AT_RISK_WHY, MENDS, WHY
from ghl_triage.model import Actor, Cause, Evidence
from ghl_triage.report.audit.audit import Audit
from ghl_triage.report.audit.causes import CauseInAll, CauseOnPath
from ghl_triage.report.audit.examples import Example
from ghl_triage.report.audit.layout.conclusion import CAUTIONS
from ghl_triage.report.display import Display, path_name, percent
from ghl_triage.report.document import Block, Bullets, Column, Heading, Paragraph, Table
from ghl_triage.report.rows import by_money
from ghl_triage.text import clean, plural

ACTORS: Mapping[Actor, str] = {
    Actor.CONSULTANT: "the consultant",
    Actor.CUSTOMER: "the customer",
    Actor.DEVELOPER: "the developer",
    Actor.NOBODY: "nobody: Stripe goes on by itself",
}
"""Who must act, in a document that others than the consultant read."""


def blocks(audit: Audit, display: Display, *, most: int | None = None) -> Iterator[Block]:
    """The whole part; with `most` the table alone, cut after so many rows."""
    yield Heading("What fails, and why")
    if not audit.causes:
        yield Paragraph("Nothing fails and nothing is at risk: there is no cause to show.")
        return
    yield Paragraph(
        "Each subscription that fails, or that a rule says will fail, has exactly one cause. The table is ordered by "
        "the money at risk; sums in different currencies stand side by side and are never added up. Failing is the "
        "money that is due now; at risk is what the first charge of a running trial will ask for."
    )
    yield _table(audit, display, most)
    for reason in audit.pending:
        yield Paragraph(f"No verdict yet for {plural(reason.cases, 'case')}: {clean(reason.reason)}.", "note")
    if most is None:
        for cause in audit.causes:
            yield from _cause(cause, display)
            caution = CAUTIONS[audit.hypothesis.answer]
            if caution and cause.at_risk and cause.cause is Cause.NO_OFF_SESSION_SETUP:
                yield Paragraph(caution, "note")


def _table(audit: Audit, display: Display, most: int | None) -> Table:
    rows = [row for cause in audit.causes for row in cause.paths]
    rows.sort(key=lambda row: (by_money(row.money, audit.currencies), -row.cases, row.cause, row.path))
    more = f"{plural(len(rows) - most, 'row')} more in the whole report. " if most and len(rows) > most else ""
    return Table(
        "Causes by path",
        (
            Column("Cause"),
            Column("Path"),
            Column("Failing", "right"),
            Column("At risk", "right"),
            Column("Share", "right"),
            Column("Money", "right"),
            Column("A fix applies now to", "right"),
        ),
        tuple(_row(row, display) for row in rows[:most]),
        f"{more}Share is of all cases that fail or are at risk. The last column is the money of the cases whose first "
        "fix can be made now: a ceiling, not a forecast.",
    )


def _row(row: CauseOnPath, display: Display) -> tuple[str, ...]:
    return (
        CAUSE_TITLES[row.cause],
        path_name(row.path),
        f"{row.failing:,}",
        f"{row.at_risk:,}",
        percent(row.share),
        display.money(row.money),
        display.money(row.recoverable),
    )


def _cause(found: CauseInAll, display: Display) -> Iterator[Block]:
    yield Heading(f"{CAUSE_TITLES[found.cause]} ({found.cause})", 3)
    why = AT_RISK_WHY.get(found.cause, WHY[found.cause]) if not found.failing else WHY[found.cause]
    yield Paragraph(
        f"{why} {plural(found.cases, 'case')}, {percent(found.share)} of those that fail or are at risk, with "
        f"{display.money(found.money)}."
    )
    yield Bullets(
        (
            f"Fix: {MENDS[found.cause]}",
            f"Who acts: {_actors(found)}.",
            f"It can be made now for {display.money(found.recoverable)}."
            if found.recoverable
            else "It brings no money now.",
        )
    )
    examples = tuple(_example(example, display) for row in found.paths for example in row.examples)
    if examples:
        yield Paragraph("Examples, to be looked up in Stripe:")
        yield Bullets(examples)


def _actors(found: CauseInAll) -> str:
    if len(found.actors) == 1:
        return ACTORS[next(iter(found.actors))]
    return ", ".join(f"{ACTORS[actor]} ({count:,})" for actor, count in found.actors.items())


def _example(example: Example, display: Display) -> str:
    """Where it was sold, whose it is, its ids, then what proves the cause."""
    who = " ".join(filter(None, (clean(example.email), clean(example.name))))
    ids = clean(" ".join(filter(None, (example.subscription, example.customer, example.invoice))))
    lead = ", ".join(filter(None, (path_name(example.path), who, ids)))
    evidence = "; ".join(_evidence(example.evidence, display))
    return f"{lead}: {evidence}." if evidence else f"{lead}."


def _evidence(found: Sequence[Evidence], display: Display) -> Iterator[str]:
    """Each piece; an object that several are of is named once."""
    before = None
    for each in found:
        named = "" if each.object_id == before else f"{clean(each.object_id)} "
        moment = f" ({display.moment(each.at)})" if each.at is not None else ""
        yield f"{named}{clean(each.field)} = {clean(each.value)}{moment}"
        before = each.object_id
