"""The part "What each fix recovers"."""

from __future__ import annotations

from collections.abc import Iterator

from ghl_triage.diagnosis.labels import ACTION_LABELS
from ghl_triage.model import ActionKind
from ghl_triage.report.audit.audit import Audit
from ghl_triage.report.audit.fixes import Fix
from ghl_triage.report.audit.layout.causes import ACTORS
from ghl_triage.report.display import NONE, Display
from ghl_triage.report.document import Block, Column, Heading, Paragraph, Table
from ghl_triage.report.rows import added
from ghl_triage.text import clean, plural

_LINK = ActionKind.RESEND_LINK
BY_HAND = "By hand, or by waiting"
_COLUMNS = (
    Column("First fix"),
    Column("Who acts"),
    Column("Cases", "right"),
    Column("Applies now", "right"),
    Column("Recovers of what is due", "right"),
    Column("Saves of what is to come", "right"),
    Column("Refused now", "right"),
)


def blocks(audit: Audit, display: Display) -> Iterator[Block]:
    """The whole part."""
    if not audit.fixes:
        return
    yield Heading("What each fix recovers")
    yield Paragraph(
        "A fix is counted for a case where it is the first step to take and nothing forbids it now. Its money is what "
        "is at risk in these cases. This is a ceiling: no rate of success is assumed, for a retry may be declined "
        "again and a link may stay unopened."
    )
    yield Table("Fixes by the money that they reach", _COLUMNS, tuple(_row(fix, display) for fix in audit.fixes))
    refused = [(fix, reason) for fix in audit.fixes for reason in fix.reasons]
    if refused:
        yield Table(
            "Why a fix is refused now",
            (Column("First fix"), Column("Reason"), Column("Cases", "right")),
            tuple((name(fix.action), clean(reason.reason), f"{reason.cases:,}") for fix, reason in refused),
            "The three commonest reasons of each fix.",
        )
    if any(fix.action is ActionKind.CANCEL_DUPLICATE for fix in audit.fixes):
        yield Paragraph(
            "Canceling a duplicate recovers nothing: its money was never due, and stands here only because Stripe "
            "would charge it.",
            "note",
        )


def reach(audit: Audit, display: Display) -> Iterator[str]:
    """What can be done now, by whether a customer is needed for it; nothing where no fix brings money."""
    brings = [fix for fix in audit.fixes if fix.action not in (None, ActionKind.CANCEL_DUPLICATE)]
    for told, rows in (
        ("without the customer (retry, default card, resume)", [f for f in brings if f.action is not _LINK]),
        ("by a link that the customer must use", [f for f in brings if f.action is _LINK]),
    ):
        cases = sum(fix.applies for fix in rows)
        if cases:
            due, to_come = added(fix.due for fix in rows), added(fix.to_come for fix in rows)
            sums = [f"{display.money(due)} due"] if due else []
            sums += [f"{display.money(to_come)} to come"] if to_come else []
            yield f"{told}: {plural(cases, 'case')} with {' and '.join(sums)}"


def name(action: ActionKind | None) -> str:
    """A first fix in words."""
    return ACTION_LABELS[action] if action else BY_HAND


def _row(fix: Fix, display: Display) -> tuple[str, ...]:
    refused = f"{fix.refused:,} ({display.money(fix.refused_money)})" if fix.refused else NONE
    brings = fix.action is not ActionKind.CANCEL_DUPLICATE
    return (
        name(fix.action),
        ACTORS[fix.actor],
        f"{fix.cases:,}",
        f"{fix.applies:,}" if fix.action else NONE,
        display.money(fix.due) if brings else NONE,
        display.money(fix.to_come) if brings else NONE,
        refused,
    )
