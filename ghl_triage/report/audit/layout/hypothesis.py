"""The part "The hypothesis": the verdict, the tables of two by two, and the rival explanations beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ghl_triage.report.audit.audit import Audit
from ghl_triage.report.audit.hypothesis import Hypothesis, PathTest
from ghl_triage.report.audit.layout.conclusion import ANSWERS, conclusion
from ghl_triage.report.audit.verdict import MEANINGFUL_RATIO, SUBSTANTIAL
from ghl_triage.report.display import (
    difference_text,
    p_text,
    path_name,
    percent,
    ratio_text,
    with_interval,
)
from ghl_triage.report.document import Bar, BarChart, Block, Bullets, Column, Heading, Paragraph, Table
from ghl_triage.trial import SetUp

WAYS: Mapping[SetUp, str] = {
    SetUp.OFF_SESSION: "set up off-session",
    SetUp.ON_SESSION: "set up, but for charges in the customer's presence",
    SetUp.ATTACHED_ONLY: "attached without any set-up",
}


def blocks(audit: Audit) -> Iterator[Block]:
    """The test itself; the rivals follow (rivals.py)."""
    found = audit.hypothesis
    yield Heading("The hypothesis: cards saved without an off-session set-up")
    yield Paragraph(
        f"“The {path_name(found.path)} saves cards without an off-session set-up, so the first charge is refused with "
        "authentication_required.”"
    )
    yield Paragraph(verdict(audit), "strong")
    yield Paragraph("How it is decided", "strong")
    yield Bullets(
        (
            "Supported: cards without a set-up fail more often (95 % interval of the ratio above 1, Fisher's exact "
            "test p < 0.05), and the whole 95 % interval of authentication's share of their failures is above "
            f"{percent(SUBSTANTIAL)}.",
            "Not supported: the numbers rule one of these out. Authentication's share is surely below "
            f"{percent(SUBSTANTIAL)}, or few failed charges were on such cards, or such cards seldom fail, or the "
            f"ratio reaches down to 1 and is surely below {MEANINGFUL_RATIO:.0f}.",
            "Not enough data: everything else.",
            "Counted are cards younger than the lists that were read: older ones are looked up only where they fail, "
            "and would tilt the comparison.",
            "Each path is judged by itself. Paths differ in more than the set-up, so they are never thrown together.",
        )
    )
    bars = tuple(bar for test in found.paths for bar in _bars(test))
    if bars:
        yield BarChart("First charges that failed, by how the card had been saved (95 % interval)", bars)
    for test in found.paths:
        yield from _path(test)


def verdict(audit: Audit) -> str:
    """The conclusion on the path that the hypothesis is about."""
    found = audit.hypothesis
    rival = next((each for each in audit.rivals if each.path is found.path), None)
    return conclusion(tested(found), rival, found.judgement)


def tested(found: Hypothesis) -> PathTest | None:
    """The test of the path that the hypothesis is about."""
    return next((test for test in found.paths if test.path is found.path), None)


def _bars(test: PathTest) -> Iterator[Bar]:
    for title, found in (("without a set-up", test.without), ("set up", test.with_set_up)):
        if found.share is not None:
            yield Bar(f"{path_name(test.path)}, {title}", found.share, with_interval(found), found.low, found.high)


def _path(test: PathTest) -> Iterator[Block]:
    table = test.table
    yield Heading(path_name(test.path), 3)
    yield Table(
        "First charges by how the card had been saved",
        (
            Column("Card"),
            Column("Failed", "right"),
            Column("Paid", "right"),
            Column("Failure rate (95 % interval)", "right"),
            Column("Failures that wanted authentication", "right"),
        ),
        (
            (
                "Without an off-session set-up",
                f"{table.not_set_up_failed:,}",
                f"{table.not_set_up_paid:,}",
                with_interval(test.without),
                with_interval(test.asked_without),
            ),
            (
                "With an off-session set-up",
                f"{table.set_up_failed:,}",
                f"{table.set_up_paid:,}",
                with_interval(test.with_set_up),
                with_interval(test.asked_with),
            ),
        ),
        _ways(test),
    )
    yield Paragraph(
        f"{_measures(test)} Asked of this path alone, the hypothesis is: {ANSWERS[test.judgement.answer].lower()}."
    )
    yield Paragraph(_left_out(test), "note")


def _measures(test: PathTest) -> str:
    asked = (
        f"Authentication was wanted in {with_interval(test.asked)} of all failed first charges."
        if test.asked.of
        else ""
    )
    if test.compared is None:
        return f"All cards of this path were saved in the same way: there is nothing to compare. {asked}".strip()
    return (
        f"Failure without a set-up against with one: {ratio_text(test.compared)}, a difference of "
        f"{difference_text(test.compared)}; Fisher's exact test {p_text(test.compared.p)}. {asked}"
    ).strip()


def _ways(test: PathTest) -> str:
    ways = [f"{WAYS.get(way, way)}: {with_interval(rate)}" for way, rate in test.ways.items()]
    return f"Failure rate by the way in which the card was saved: {'; '.join(ways)}." if ways else ""


def _left_out(test: PathTest) -> str:
    parts = [
        (test.nothing_to_charge, "had nothing to charge: no charge exists that a bank could refuse (see the rivals)"),
        (test.set_up_unread, "were charged, but how their card was saved lies before the time that was read"),
        (test.charge_unread, "ended before the time from which charges were read"),
        (test.not_due, "have not come to their first charge, or were called off before"),
    ]
    told = [f"{count:,} {what}" for count, what in parts if count]
    return f"Not in the table: {'; '.join(told)}." if told else "No trial of this path is left out of the table."
