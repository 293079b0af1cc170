"""What stands where the table would be, while there is no row to show."""

from __future__ import annotations

from ghl_triage.model import PartState, SyncProgress
from ghl_triage.text import clean, words, wrap
from ghl_triage.tui.spans import BLANK, Line, Span, Tone, line

_FAULT_WIDTH = 58
"""Cells of a line that tells a fault: it fits beside nothing at 80 columns, and beside the rail at 120."""


def notice_lines(
    progress: SyncProgress | None, *, store: bool, filtered: bool, asked: bool, stopped: str, broken: str = ""
) -> list[Line]:
    """Why there is nothing: not connected yet, loading, nothing fails, nothing matches, or no way through.

    `store` says whether the local file is there, `broken` why it cannot be read; `asked` whether the filter got its
    answer.
    """
    if broken:
        return _unreadable(broken)
    fault = _fault(progress, stopped)
    if filtered and asked:
        return [_strong("No case matches this filter."), _muted("esc clears it, v shows the views")]
    if fault:
        return [
            _strong("Nothing to show yet: no way through to Stripe."),
            BLANK,
            *_told(fault),
            BLANK,
            _again(progress),
        ]
    if progress is None or not (progress.objects or progress.finished or store):
        return [_strong("Connecting to Stripe…"), _muted("cases appear here as they are read")]
    if not progress.finished and progress.synced_at is None:
        return _loading(progress)
    return _nothing() if asked else [_muted("…")]


def _nothing() -> list[Line]:
    return [_strong("Nothing fails, and nothing is at risk."), _muted("v shows the views: recovered, lost, all")]


def _unreadable(broken: str) -> list[Line]:
    return [_strong("The local store cannot be read."), BLANK, *_told(broken)]


def _told(fault: str) -> list[Line]:
    return [line(Span(part, Tone.BAD)) for part in wrap(clean(fault), _FAULT_WIDTH)]


def _loading(progress: SyncProgress) -> list[Line]:
    rows = [_strong("Loading…"), _muted(f"{progress.objects:,} objects so far, {progress.requests:,} requests"), BLANK]
    signs = {PartState.DONE: "✓", PartState.RUNNING: "▸", PartState.FAILED: "✗", PartState.SKIPPED: "–"}
    for part in progress.parts:
        sign = signs.get(part.state, "·")
        tone = Tone.KEY if part.state is PartState.RUNNING else Tone.MUTED
        rows.append(line(Span(f"{sign} {words(part.name):<24}{part.objects:>9,}", tone)))
    return rows


def _fault(progress: SyncProgress | None, stopped: str) -> str:
    if stopped:
        return stopped
    if progress is None:
        return ""
    failed = progress.failed_parts
    return (failed[0].error or f"{words(failed[0].name)} failed") if failed else progress.error or ""


def _again(progress: SyncProgress | None) -> Line:
    parts = progress.failed_parts if progress else ()
    later = any(part.retry_at is not None for part in parts)
    return _muted("it will be tried again by itself; r tries now" if later else "r tries again")


def _strong(text: str) -> Line:
    return line(Span(text, Tone.STRONG))


def _muted(text: str) -> Line:
    return line(Span(text, Tone.MUTED))
