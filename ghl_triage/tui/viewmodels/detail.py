"""The detail pane: why, who, what next; then what proves it and how it came to be."""

from __future__ import annotations

from collections.abc import Sequence

from ghl_triage.diagnosis import highlevel_texts
from ghl_triage.model import ActionKind, Case, Evidence
from ghl_triage.text import clean, words
from ghl_triage.tui.spans import Line, Span, Tone, first_that_fits, line, paragraph, spread, width_of
from ghl_triage.tui.viewmodels.casefile import CaseFile
from ghl_triage.tui.viewmodels.display import Display
from ghl_triage.tui.viewmodels.timeline import timeline_lines

_PAD = 1


def detail_lines(casefile: CaseFile, display: Display, width: int, height: int) -> list[Line]:
    """The pane in so many cells. Where not all events fit, the newest ones are shown, and how many are left out."""
    room = width - 2 * _PAD
    head = [identity(casefile, room), *verdict(casefile, room), *_evidence(casefile, display, room, limit=2)]
    events = timeline_lines(casefile.timeline, display, room)
    space = max(0, height - len(head))
    if len(events) > space:
        shown = max(0, space - 1)
        hidden = len(events) - shown
        more = line(Span(f"… {hidden} earlier lines: enter opens the whole history", Tone.MUTED))
        events = [more, *events[hidden:]] if space else []
    return [padded(row) for row in (*head, *events)]


def padded(row: Line) -> Line:
    """A line with the pane's margin before it."""
    return (Span(" " * _PAD), *row)


def identity(casefile: CaseFile, width: int) -> Line:
    """Who it is and where it is found: the ids as far as there is room."""
    case = casefile.case
    name = clean(case.name)
    address = clean(case.email) or name or clean(case.subscription)
    left = line(Span(address, Tone.STRONG), Span(f"  {name}" if name != address else ""))
    ids = [clean(one) for one in (case.customer, case.subscription, case.invoice) if one]
    highlevel = Span(highlevel_words(casefile), Tone.MUTED)
    candidates = [line(Span("  ".join(ids[:count]), Tone.MUTED), "   ", highlevel) for count in range(len(ids), 0, -1)]
    right = first_that_fits([*candidates, line(highlevel)], max(10, width - width_of(left) - 2))
    return spread(left, right, width)


def highlevel_words(casefile: CaseFile) -> str:
    """What HighLevel knows of the case; its own word on the status stands beside Stripe's."""
    return f"HighLevel: {clean(highlevel_texts.short(casefile.case, lists_read=casefile.highlevel_read))}"


def verdict(casefile: CaseFile, width: int) -> list[Line]:
    """The sentence, and for each action that is refused the reason."""
    sentence = casefile.sentence
    rows = paragraph(clean(sentence.why), width)
    next_step = clean(sentence.next_step)
    if next_step:
        who = clean(sentence.who)
        rows += paragraph(f"{who}: {next_step}" if who else next_step, width, Tone.STRONG)
    for kind, reason in _worth_saying(casefile):
        rows += paragraph(clean(reason), width, Tone.MUTED, lead=f"{casefile.keys[kind]} not now: ")
    for keys, reason in _keys_without_right(casefile):
        rows += paragraph(clean(reason), width, Tone.WARN, lead=f"{keys} not now: ")
    if casefile.case.findings:
        also = "  ·  ".join(words(finding) for finding in casefile.case.findings)
        rows += paragraph(also, width, lead="also  ")
    mapped = highlevel_texts.mapping(casefile.case)
    if mapped:
        rows += paragraph(clean(f"its own location is {mapped}"), width, lead="HighLevel  ")
    return rows


def _worth_saying(casefile: CaseFile) -> list[tuple[ActionKind, str]]:
    """Refusals from the verdict itself; that an action simply has no place here, or was just said, needs no line."""
    said = casefile.sentence.next_step
    blocked = casefile.case.blocked.items()
    return [(kind, reason) for kind, reason in blocked if kind in casefile.keys and reason not in said]


def _keys_without_right(casefile: CaseFile) -> list[tuple[str, str]]:
    """The keys that a missing right of the key takes away, one line for those that lack the same."""
    found: dict[str, list[str]] = {}
    for kind, reason in casefile.lacking.items():
        if kind in casefile.keys:
            found.setdefault(reason, []).append(casefile.keys[kind])
    return [(" ".join(keys), reason) for reason, keys in found.items()]


def _evidence(casefile: CaseFile, display: Display, width: int, *, limit: int) -> list[Line]:
    rows: list[Line] = []
    for number, item in enumerate(casefile.case.evidence[:limit]):
        text, lead = evidence_text(item, display), "evidence  " if number == 0 else " " * 10
        rows += paragraph(text, width, lead=lead)
    return rows


def evidence_text(item: Evidence, display: Display) -> str:
    """`field = value` of an object, with the time since when."""
    since = f"  since {display.when(item.at)}" if item.at else ""
    return clean(f"{item.object_id}  {item.field} = {item.value}") + since


def all_evidence(case: Case, display: Display, width: int) -> Sequence[Line]:
    """Every piece of evidence, one under the other: the cause's, then that of each finding."""
    rows = [row for item in case.evidence for row in paragraph(evidence_text(item, display), width, lead="· ")]
    for finding, proof in case.finding_evidence.items():
        rows += paragraph(words(finding), width, Tone.MUTED)
        rows += [row for item in proof for row in paragraph(evidence_text(item, display), width, lead="· ")]
    return rows
