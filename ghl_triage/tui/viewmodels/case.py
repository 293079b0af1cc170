"""The case screen: everything about one subscription, in two columns or one."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ghl_triage.diagnosis import highlevel_texts
from ghl_triage.model import CardView, Case, Level, Raw
from ghl_triage.text import card_label, clean, words
from ghl_triage.tui.spans import BLANK, Line, Span, Tone, line, paragraph
from ghl_triage.tui.viewmodels.casefile import CaseFile
from ghl_triage.tui.viewmodels.detail import all_evidence, identity, padded, verdict
from ghl_triage.tui.viewmodels.display import STATUS_TONES, Display
from ghl_triage.tui.viewmodels.duplicates import DECIDING, duplicate_lines
from ghl_triage.tui.viewmodels.timeline import LEGEND, timeline_lines

_LEVELS = {
    Level.INVOICE: "default of the invoice",
    Level.SUBSCRIPTION: "default of the subscription",
    Level.SUBSCRIPTION_SOURCE: "source of the subscription",
    Level.CUSTOMER: "default of the customer",
    Level.CUSTOMER_SOURCE: "source of the customer",
}


def state_lines(casefile: CaseFile, display: Display, width: int) -> list[Line]:
    """Who, and what state."""
    return [padded(row) for row in (identity(casefile, width - 2), _state(casefile.case, display))]


def verdict_lines(casefile: CaseFile, width: int) -> list[Line]:
    """Why, and what next."""
    return [padded(row) for row in verdict(casefile, width - 2)]


def gone_lines() -> list[Line]:
    """What stands there instead of a case that the store no longer has."""
    return [padded(line(Span("This case is not in the local data any more.", Tone.WARN), "  esc goes back"))]


def _state(case: Case, display: Display) -> Line:
    cause = words(case.cause) if case.cause else clean(case.pending or "")
    spans = [
        Span(clean(case.status), STATUS_TONES.get(case.status, Tone.TEXT)),
        Span(f"  {words(case.stage)}", Tone.MUTED),
        Span(f"  {cause}" if cause else "", Tone.STRONG),
    ]
    if case.amount_at_risk:
        spans.append(Span(f"  {display.money(case.amount_at_risk, case.currency)}"))
    return tuple(spans)


def story_lines(casefile: CaseFile, display: Display, width: int) -> list[Line]:
    """The history, and the other customers who may be the same person: before it where they are the reason."""
    history = history_lines(casefile, display, width)
    others = [padded(row) for row in duplicate_lines(casefile.case, display, width - 2)]
    if not others:
        return history
    return [*others, BLANK, *history] if casefile.case.cause in DECIDING else [*history, BLANK, *others]


def history_lines(casefile: CaseFile, display: Display, width: int) -> list[Line]:
    """The whole timeline under its legend."""
    rows = timeline_lines(casefile.timeline, display, width - 2)
    return [padded(row) for row in (_title("History", LEGEND), *(rows or [_none("nothing is known yet")]))]


def facts_lines(casefile: CaseFile, display: Display, width: int) -> list[Line]:
    """Dates, evidence, cards, notes and what was done, one section under the other."""
    room, case = width - 2, casefile.case
    sections: list[tuple[str, Sequence[Line]]] = [
        ("Path", paragraph(f"{case.path}, {case.path_confidence}: {clean(case.path_evidence)}", room)),
        ("Charge", _charge(case, display, room)),
        ("Evidence", all_evidence(case, display, room)),
        ("Payment methods", _cards(case, room)),
        ("HighLevel", _highlevel(casefile, room)),
        ("Notes", _notes(casefile, display, room)),
        ("Done here", _journal(casefile, display, room)),
    ]
    rows: list[Line] = []
    for title, content in sections:
        rows += [_title(title), *(content or [_none("none")]), BLANK]
    return [padded(row) for row in rows[:-1]]


def _charge(case: Case, display: Display, room: int) -> list[Line]:
    dates = (("next retry", case.next_retry_at), ("trial end", case.trial_end), ("failed", case.failed_at))
    facts = [(name, display.when(at)) for name, at in dates if at]
    facts += [("attempts", str(case.attempts))] if case.attempts else []
    codes = ((name, code) for name, code in (("decline", case.decline_code), ("advice", case.advice_code)) if code)
    facts += [(name, clean(code)) for name, code in codes]
    facts.append(("created", display.when(case.created)))
    return [row for name, value in facts for row in paragraph(value, room, lead=f"{name:<11}")]


def _highlevel(casefile: CaseFile, room: int) -> list[Line]:
    facts = highlevel_texts.facts(casefile.case, lists_read=casefile.highlevel_read)
    return [row for name, value in facts for row in paragraph(clean(value), room, lead=f"{name:<11}")]


def _cards(case: Case, room: int) -> list[Line]:
    rows: list[Line] = []
    for card in case.payment_methods:
        charged = card.id == case.effective_payment_method
        sign = Span("▸ " if charged else "  ", Tone.KEY)
        rows.append(line(sign, Span(card_label(card), Tone.STRONG if charged else Tone.TEXT)))
        rows += paragraph(_card_words(card, charged), room, Tone.MUTED, lead="  ")
    return rows


def _card_words(card: CardView, charged: bool) -> str:
    said = ["Stripe would charge this one"] if charged else []
    said += [_LEVELS.get(level, words(level)) for level in card.default_at]
    said.append("set up off-session" if card.off_session_proof else "no off-session proof")
    said += [] if card.attached else ["detached"]
    said += [clean(word) for word in (card.funding, card.country) if word]
    return ", ".join(said)


def _notes(casefile: CaseFile, display: Display, room: int) -> list[Line]:
    tagged = [f"tags: {clean(', '.join(casefile.tags))}"] if casefile.tags else []
    rows = [row for text in tagged for row in paragraph(text, room)]
    for note in casefile.notes:
        rows += paragraph(clean(note.text), room, lead=f"{display.when(note.at)}  ")
    return rows


def _journal(casefile: CaseFile, display: Display, room: int) -> list[Line]:
    rows: list[Line] = []
    for entry in casefile.journal:
        tone = Tone.BAD if entry.ok is False else Tone.TEXT
        rows += paragraph(clean(entry.text), room, tone, lead=f"{display.when(entry.at)}  ")
    return rows


def raw_lines(objects: Sequence[Raw]) -> list[Line]:
    """The objects as JSON, as the API sent them but for secrets."""
    rows: list[Line] = []
    for item in objects:
        rows.append(_title(clean(f"{item.get('object', '')}  {item.get('id', '')}")))
        rows += [_raw_line(text) for text in json.dumps(item, indent=2, ensure_ascii=False, default=str).split("\n")]
        rows.append(BLANK)
    return [padded(row) for row in rows] or [padded(_none("no objects are kept"))]


def _raw_line(text: str) -> Line:
    indent = " " * (len(text) - len(text.lstrip(" ")))
    name, colon, value = clean(text).partition(": ")
    if colon and name.startswith('"'):
        return line(Span(f"{indent}{name}: ", Tone.MUTED), value)
    return line(indent + clean(text))


def _title(text: str, more: str = "") -> Line:
    return line(Span(text, Tone.TITLE), Span(f"   {more}" if more else "", Tone.MUTED))


def _none(text: str) -> Line:
    return line(Span(text, Tone.MUTED))
