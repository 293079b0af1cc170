"""The examples of the audit: cases that the client can look up in the Stripe Dashboard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ghl_triage.model import Case, Evidence, Path, Stage
from ghl_triage.report.privacy import mask_email, mask_emails
from ghl_triage.report.rows import ReportCase

EACH = 3
"""Examples of one cause on one path."""
MOST_EVIDENCE = 4


@dataclass(frozen=True, slots=True)
class Example:
    """One case as evidence. `email` is masked, and `name` empty, unless the report was asked for customers."""

    subscription: str
    customer: str
    invoice: str | None
    path: Path
    email: str
    name: str
    amount: int
    currency: str
    evidence: tuple[Evidence, ...]


def chosen(rows: Iterable[ReportCase]) -> list[ReportCase]:
    """The clearest cases: what failed before what will fail, then the latest, whose requests Stripe still shows."""
    return sorted(
        rows, key=lambda row: (row.stage is not Stage.FAILING, -(row.failed_at or row.created), row.subscription)
    )[:EACH]


def shown(row: ReportCase, case: Case | None, *, include_customers: bool) -> Example:
    """A case as an example, with its first pieces of evidence; `case` is the same one whole."""
    evidence = case.evidence[:MOST_EVIDENCE] if case else ()
    return Example(
        row.subscription,
        row.customer,
        row.invoice,
        row.path,
        row.email if include_customers else mask_email(row.email),
        row.name if include_customers else "",
        row.amount,
        row.currency,
        evidence if include_customers else tuple(map(_masked, evidence)),
    )


def _masked(evidence: Evidence) -> Evidence:
    return Evidence(evidence.object_id, evidence.field, mask_emails(evidence.value), evidence.at)
