"""The part "HighLevel's rows that belong to no case"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ghl_triage.highlevel import HighLevelStranger, RowKind, Strangeness
from ghl_triage.report.audit.audit import Audit
from ghl_triage.report.display import NONE, Display
from ghl_triage.report.document import Block, Column, Heading, Paragraph, Table
from ghl_triage.text import clean, plural, words

MOST = 20
"""Rows that the document shows of each kind; JSON has all."""
_WHY: Mapping[Strangeness, str] = {
    Strangeness.UNKNOWN_HERE: (
        "name a Stripe subscription or customer that this Stripe account does not have: HighLevel was connected to "
        "another account, or the objects were deleted"
    ),
    Strangeness.OTHER_MODE: "belong to the other mode: a test checkout went live, or the other way round",
    Strangeness.OTHER_PROVIDER: "are not charged through Stripe",
}
_KINDS: Mapping[RowKind, str] = {
    RowKind.SUBSCRIPTION: "Payments, Subscriptions",
    RowKind.SAAS_LOCATION: "agency's list of locations",
}


def blocks(audit: Audit, display: Display) -> Iterator[Block]:
    """The whole part; nothing where every row belongs to a case."""
    if not audit.strangers:
        return
    yield Heading("HighLevel's rows that belong to no case")
    yield Paragraph("HighLevel lists these as sold, and nothing in this Stripe account answers to them.")
    for why, told in _WHY.items():
        rows = [row for row in audit.strangers if row.why is why]
        if rows:
            yield _table(rows, told, display)


def _table(rows: list[HighLevelStranger], told: str, display: Display) -> Table:
    more = f" The first {MOST} of {len(rows):,} are shown." if len(rows) > MOST else ""
    return Table(
        f"{plural(len(rows), 'row')} of HighLevel: {words(rows[0].why)}",
        (Column("Where"), Column("Customer"), Column("Ids"), Column("Status"), Column("Amount", "right")),
        tuple(_row(row, display) for row in rows[:MOST]),
        f"They {told}.{more}",
    )


def _row(row: HighLevelStranger, display: Display) -> tuple[str, ...]:
    ids = " ".join(filter(None, (row.id, row.subscription, row.customer)))
    amount = display.one(row.amount, row.currency) if row.amount is not None and row.currency else NONE
    return _KINDS[row.kind], clean(row.email) or NONE, clean(ids), clean(row.status or "") or NONE, amount
