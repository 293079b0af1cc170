"""The first line: where we are, what is at stake, and how fresh it is."""

from __future__ import annotations

from dataclasses import dataclass

from ghl_triage.model import PartState, Stage, SyncProgress
from ghl_triage.text import ago, clean, clip, words
from ghl_triage.tui.spans import Line, Span, Tone, first_that_fits, spread, width_of
from ghl_triage.tui.viewmodels.display import Display
from ghl_triage.tui.views import TotalsView

_QUEUE = ((Stage.FAILING, "failing", Tone.BAD), (Stage.AT_RISK, "at risk", Tone.WARN))


@dataclass(frozen=True, slots=True)
class HeaderState:
    """What the header tells. `stopped` is why the background sync came to an end.

    `main_currency` is that of most cases: its sum stands first, and is the last to give way.
    """

    account: str
    livemode: bool
    totals: TotalsView | None = None
    progress: SyncProgress | None = None
    started: bool = False
    stopped: str = ""
    read_only: bool = False
    main_currency: str = ""


def mode_span(livemode: bool) -> Span:
    """TEST or LIVE, as a word that is always there."""
    return Span(" LIVE ", Tone.LIVE) if livemode else Span(" TEST ", Tone.TEST)


def header_line(state: HeaderState, display: Display, width: int) -> Line:
    """The header in so many cells: the account's name gives way first, then the further currencies, then the sums."""
    sync = sync_span(state, display.now)
    right = (sync, Span(" "))
    room = width - width_of(right) - 2
    account = clean(state.account)
    candidates = [
        (*_brand(state, clip(account, name)), *_stakes(state, display, sums))
        for sums in (9, 2, 1, 0)
        for name in ((32, 20) if sums else (20, 12, 0))
    ]
    return spread(first_that_fits(candidates, room), right, width)


def _brand(state: HeaderState, account: str) -> Line:
    name = (Span(account + "  ", Tone.TEXT),) if account else ()
    guard = (Span(" read only", Tone.WARN),) if state.read_only else ()
    return (Span(" ghl-triage  ", Tone.TITLE), *name, mode_span(state.livemode), *guard)


def _stakes(state: HeaderState, display: Display, currencies: int) -> Line:
    spans: list[Span] = []
    for stage, name, tone in _QUEUE:
        sums = state.totals.by_stage.get(stage) if state.totals else None
        if sums is None:
            continue
        spans += [Span(f"   {name} ", Tone.MUTED), Span(f"{sums.count:,}", tone)]
        amounts = [(currency, amount) for currency, amount in sums.amounts.items() if amount]
        amounts.sort(key=lambda item: (item[0] != state.main_currency, -item[1]))
        shown = " ".join(display.money(amount, currency) for currency, amount in amounts[:currencies])
        more = "" if len(amounts) <= currencies or not currencies else f" +{len(amounts) - currencies}"
        if shown:
            spans.append(Span(f"  {shown}{more}", Tone.TEXT))
    return tuple(spans)


def sync_span(state: HeaderState, now: int) -> Span:
    """The state of the sync in a few plain words."""
    progress = state.progress
    if state.stopped:
        return Span(f"sync stopped: {clip(clean(state.stopped), 40)}", Tone.BAD)
    if progress is None:
        return Span("connecting…" if state.started else "", Tone.MUTED)
    fault = _fault_words(progress, now)
    if fault:
        return Span(fault, Tone.BAD)
    return _going_well(progress, now)


def _going_well(progress: SyncProgress, now: int) -> Span:
    running = [part for part in progress.parts if part.state is PartState.RUNNING]
    if running and not progress.finished and (progress.kind == "full" or progress.synced_at is None):
        return Span(f"loading {words(running[0].name)}  {progress.objects:,}", Tone.KEY)
    if progress.synced_at is None:
        return Span("loading…" if progress.objects else "connecting…", Tone.MUTED)
    missing = "  no HighLevel" if any(word.startswith("HighLevel:") for word in progress.missing) else ""
    return Span(f"synced {_age(now - progress.synced_at)}{missing}", Tone.MUTED)


def _fault_words(progress: SyncProgress, now: int) -> str:
    return _failed_words(progress, now) if progress.failed_parts else clip(clean(progress.error or ""), 48)


def _failed_words(progress: SyncProgress, now: int) -> str:
    part = progress.failed_parts[0]
    others = len(progress.failed_parts) - 1
    more = f" and {others} more" if others else ""
    again = f", again in {max(1, part.retry_at - now)} s" if part.retry_at is not None else ""
    return f"{words(part.name)}{more} failed{again}"


def _age(seconds: int) -> str:
    if seconds < 60:
        return f"{max(0, seconds)} s ago"
    return f"{ago(seconds)} ago"
