"""The whole audit as one document: the summary first, then the parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ghl_triage.report import acting_layout, declines_document, remedies
from ghl_triage.report.audit.audit import Audit
from ghl_triage.report.audit.layout import (
    aftermath,
    beginning,
    causes,
    coming,
    fixes,
    hypothesis,
    limits,
    rivals,
    strangers,
    summary,
)
from ghl_triage.report.display import Display
from ghl_triage.report.document import Block, Document, Heading, Paragraph
from ghl_triage.text import clean, plural

MOST_CAUSES = 10
"""Rows of the causes on the first pages."""


def document(audit: Audit, display: Display) -> Document:
    """The document: what was found, what is to be done, then the particulars."""
    display = replace(display, order=audit.currencies)
    return _titled(
        audit,
        display,
        (
            *summary.blocks(audit, display),
            *causes.blocks(audit, display),
            *fixes.blocks(audit, display),
            *hypothesis.blocks(audit),
            *rivals.blocks(audit),
            *beginning.blocks(audit, display),
            *coming.blocks(audit, display),
            *remedies.blocks(audit.causes_by_path, audit.findings_by_path),
            *_declines(audit, display),
            *acting_layout.blocks(audit.acting, day=display.moment),
            *strangers.blocks(audit, display),
            *aftermath.blocks(audit, display),
            *limits.blocks(audit, display),
        ),
    )


def brief(audit: Audit, display: Display) -> Document:
    """The first pages for a terminal: what fails, what each fix recovers, and what this rests on."""
    display = replace(display, order=audit.currencies)
    return _titled(
        audit,
        display,
        (
            *summary.blocks(audit, display),
            *causes.blocks(audit, display, most=MOST_CAUSES),
            *fixes.blocks(audit, display),
            *limits.blocks(audit, display),
            Paragraph(
                "This is the beginning. Each cause with its examples, the test of the hypothesis and its rivals, when "
                "it began, what to change in code, and the refused payments: `ghl-triage audit --full`, or "
                "`ghl-triage audit -o audit.html` for a file to hand over.",
                "strong",
            ),
        ),
    )


def _titled(audit: Audit, display: Display, blocks: tuple[Block, ...]) -> Document:
    about = audit.about
    mode = "live mode" if about.livemode else "TEST mode"
    return Document(
        f"Why trials fail: {clean(about.account)}",
        f"Root-cause audit of {plural(audit.subscriptions, 'subscription')} in Stripe, {mode}, "
        f"made {display.moment(about.made_at)} ({about.timezone}).",
        blocks,
    )


def _declines(audit: Audit, display: Display) -> Iterator[Block]:
    if audit.declines.refused:
        yield Heading("Refused payments")
        yield from _as_parts(declines_document.blocks(audit.declines, display))


def _as_parts(blocks: Iterable[Block]) -> Iterator[Block]:
    """A report of its own as a section of this one: its sections become parts."""
    return (Heading(block.text, 3) if isinstance(block, Heading) else block for block in blocks)
