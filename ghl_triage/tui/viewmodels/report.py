"""A report as toned lines, and what the screen says around it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ghl_triage.report.layout import Layout
from ghl_triage.report.lines import Look
from ghl_triage.tui.spans import Line, Span, Tone, line, paragraph
from ghl_triage.tui.viewmodels.display import Display

_TONES: Mapping[Look, Tone] = {
    Look.TEXT: Tone.TEXT,
    Look.NOTE: Tone.MUTED,
    Look.STRONG: Tone.STRONG,
    Look.TITLE: Tone.TITLE,
    Look.BAR: Tone.KEY,
    Look.RULE: Tone.RULE,
    Look.CODE: Tone.GOOD,
}


@dataclass(frozen=True, slots=True)
class ReportKind:
    """A report that the app shows. `arguments` are those of its command; `customers`: it can tell their names."""

    slug: str
    title: str
    arguments: tuple[str, ...]
    customers: bool = False


REPORTS = {
    kind.slug: kind
    for kind in (
        ReportKind("audit", "Audit", ("audit",), customers=True),
        ReportKind("conversion", "Conversion", ("report", "conversion")),
        ReportKind("declines", "Declines", ("report", "declines")),
    )
}


def report_lines(layout: Layout) -> list[Line]:
    """The rows of a report, a cell away from the edge."""
    return [(Span(" "), *(Span(piece.text, _TONES[piece.look]) for piece in row)) for row in layout.rows]


def waiting_lines(kind: ReportKind, fault: str, width: int) -> list[Line]:
    """What stands there while there is no report: that it is coming, or why it does not."""
    title = line(Span(f" {kind.title}", Tone.TITLE))
    if not fault:
        return [title, (), line(Span(" reckoning…", Tone.MUTED))]
    return [title, (), *paragraph(fault, width - 1, Tone.BAD, lead=" ")]


def position(layout: Layout, top: int, height: int) -> str:
    """How far down one has read: `section 2 of 9, 18 %`."""
    count, hidden = len(layout.sections), len(layout.rows) - height
    if top >= hidden:
        return f"section {count} of {count}, 100 %" if count else "100 %"
    section = bisect_right(layout.sections, top)
    return f"section {section} of {count}, {100 * top // hidden} %" if section else f"{100 * top // hidden} %"


def file_name(kind: ReportKind, display: Display, ending: str, *, with_customers: bool) -> str:
    """What a report's file is called; it says when it was written, and whether it names customers."""
    moment = datetime.fromtimestamp(display.now, display.zone)
    who = "-with-customers" if with_customers else ""
    return f"{kind.slug}{who}-{moment:%Y-%m-%d-%H%M%S}.{ending}"
