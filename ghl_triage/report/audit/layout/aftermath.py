"""The part "What is over": lost and recovered cases, counted apart."""

from __future__ import annotations

from collections.abc import Iterator

from ghl_triage.diagnosis.labels import CAUSE_TITLES
from ghl_triage.report.audit.audit import Audit
from ghl_triage.report.display import Display, path_name
from ghl_triage.report.document import Block, Column, Heading, Paragraph, Table


def blocks(audit: Audit, display: Display) -> Iterator[Block]:
    """The whole part; nothing where nothing was lost or recovered."""
    if not audit.lost and not audit.recovered:
        return
    yield Heading("What is over")
    yield Paragraph(
        "Not part of the sums above. A lost subscription cannot be revived; a new Checkout, without a second trial, "
        "may win the customer back."
    )
    if audit.lost:
        yield Table(
            "Lost",
            (Column("Cause"), Column("Path"), Column("Cases", "right"), Column("One period of each", "right")),
            tuple(
                (CAUSE_TITLES[row.cause], path_name(row.path), f"{row.cases:,}", display.money(row.money))
                for row in audit.lost
            ),
            "Money is what one period would have brought, of those whose trial is known.",
        )
    if audit.recovered:
        yield Table(
            "Recovered",
            (Column("Path"), Column("Cases", "right"), Column("Paid on first invoices", "right")),
            tuple((path_name(row.path), f"{row.cases:,}", display.money(row.money)) for row in audit.recovered),
            "Active, and an invoice was paid after a charge that failed in the last 60 days.",
        )
