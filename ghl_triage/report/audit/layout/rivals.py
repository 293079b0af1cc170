"""The rival explanations beside the hypothesis: why first charges did not come through, and what may lie behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ghl_triage.report.audit.audit import Audit
from ghl_triage.report.audit.layout.conclusion import REASONS
from ghl_triage.report.audit.rivals import PathRivals, Reason, WithAndWithout
from ghl_triage.report.display import NONE, path_name, percent, rate_text, ratio_text, with_interval
from ghl_triage.report.document import Block, Column, Heading, Paragraph, Table

LEAST = 10
"""Trials on each side below which no ratio is shown: it would say nothing."""


def blocks(audit: Audit) -> Iterator[Block]:
    """The whole part; nothing where no first charge was due."""
    paths = [each for each in audit.rivals if each.due]
    if not paths:
        return
    yield Heading("The rival explanations")
    yield Paragraph(
        "The same failures, told by what the bank or Stripe said. Each trial whose first charge came due and did not "
        "come through is counted once."
    )
    yield _reasons(paths)
    yield _contrast(
        "A card check at sign-up",
        "A check of the card at sign-up (a small payment, authorised and given back) turns bad cards away before a "
        "trial exists. Where one path checks and the other does not, the first fails less, whatever is set up.",
        "checked",
        [(each, each.check) for each in paths],
    )
    yield _contrast(
        "Prepaid cards",
        "Prepaid cards are often empty by the end of a trial: ordinary declines, not authentication.",
        "prepaid",
        [(each, each.prepaid) for each in paths],
    )
    yield _contrast(
        "Duplicate customers",
        "Where a person is several customers in Stripe, the card may be on the wrong one. Counted here are also trials "
        "that had nothing to charge.",
        "duplicate",
        [(each, each.duplicates) for each in paths],
    )


def _reasons(paths: Sequence[PathRivals]) -> Table:
    seen = [reason for reason in Reason if any(reason in each.reasons for each in paths)]
    outcome = [
        ("Came due", [f"{each.due:,}" for each in paths]),
        ("Paid at the first try", [_part(each.paid, each.due) for each in paths]),
        ("Did not come through", [_part(each.failed, each.due) for each in paths]),
    ]
    why = [
        (f"  {REASONS[reason]}", [_part(each.reasons.get(reason, 0), each.failed) for each in paths]) for reason in seen
    ]
    return Table(
        "What became of first charges",
        (Column("First charges"), *(Column(path_name(each.path), "right") for each in paths)),
        tuple((title, *cells) for title, cells in (*outcome, *why)),
        "Shares of the reasons are of those that did not come through.",
    )


def _enough(found: WithAndWithout) -> bool:
    return min(found.with_it.of, found.without_it.of) >= LEAST


def _part(count: int, of: int) -> str:
    return f"{count:,} ({percent(count / of)})" if count else NONE


def _contrast(title: str, note: str, word: str, rows: Sequence[tuple[PathRivals, WithAndWithout]]) -> Table:
    return Table(
        title,
        (
            Column("Path"),
            Column(f"Trials: {word}", "right"),
            Column(f"Failed: {word}", "right"),
            Column(f"Failed: not {word}", "right"),
            Column("Ratio", "right"),
        ),
        tuple(
            (
                path_name(each.path),
                rate_text(found.present) if found.present.of else "not known",
                with_interval(found.with_it),
                with_interval(found.without_it),
                ratio_text(found.compared) if found.compared and _enough(found) else NONE,
            )
            for each, found in rows
        ),
        note,
    )
