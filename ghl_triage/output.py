"""How the command line prints: JSON documents with stable keys, CSV that no spreadsheet takes for a formula, lines.

The keys of the JSON are an interface (design: "JSON of a case"): additions are fine, renames are not.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ghl_triage.model import (
    ActionKind,
    Actor,
    Case,
    CustomerView,
    Evidence,
    Finding,
    Note,
    SyncProgress,
    TimelineEvent,
)
from ghl_triage.text import UNSEEN, amounts, card_label, clean, csv_cell, money, plural, when, words

if TYPE_CHECKING:
    from datetime import tzinfo

    from ghl_triage.store.journal import JournalEntry

_UNSEEN = re.compile(f"[{UNSEEN}]")
_COMMANDS = {kind: f"`ghl-triage {kind.value.replace('_', '-')}`" for kind in ActionKind}
"""What stands where the screen names a key."""
_SHOWN_IN_FULL = ("evidence", "finding_evidence", "own_customer", "payment_methods")
_CSV_COLUMNS = (
    "subscription", "customer", "email", "name", "path", "status", "stage", "cause", "actor", "findings",
    "amount_at_risk", "currency", "invoice", "attempts", "next_retry_at", "decline_code", "trial_end", "failed_at",
    "created",
)  # fmt: skip


def to_json(document: object) -> str:
    """One JSON document, indented for people, its keys in the order of the data classes.

    It may be printed on a terminal: what would act there stands as an escape, which whoever parses it reads back as it
    was.
    """
    import orjson

    text = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode()
    return text if text.isascii() and "\x7f" not in text else _UNSEEN.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    units = found.group().encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def case_document(case: Case) -> dict[str, Any]:
    """A case as `cases --json` prints it; `show --json` adds what is long."""
    document = {
        field.name: getattr(case, field.name) for field in dataclasses.fields(case) if field.name not in _SHOWN_IN_FULL
    }
    document["blocked"] = {kind.value: reason for kind, reason in case.blocked.items()}
    return document


def cases_json(workspace: str | None, total: int, cases: Iterable[Case], *, livemode: bool) -> str:
    """The document of `cases --json`; `total` counts the matches, also those beyond a limit."""
    return to_json(
        {
            "workspace": workspace,
            "livemode": livemode,
            "total": total,
            "cases": [case_document(case) for case in cases],
        }
    )


def shown_case_document(
    case: Case,
    timeline: Sequence[TimelineEvent],
    journal: Sequence[JournalEntry],
    notes: Sequence[Note],
    tags: Sequence[str],
) -> dict[str, Any]:
    """A case as `show --json` prints it: with its evidence, cards, history, what was done to it and what was noted."""
    return {
        **case_document(case),
        "evidence": list(case.evidence),
        "finding_evidence": {finding.value: list(proof) for finding, proof in case.finding_evidence.items()},
        "payment_methods": list(case.payment_methods),
        "own_customer": case.own_customer,
        "timeline": list(timeline),
        "journal": list(journal),
        "notes": [{"at": note.at, "text": note.text} for note in notes],
        "tags": list(tags),
    }


def cases_csv(cases: Iterable[Case]) -> str:
    """Cases as CSV with a header; amounts in minor units, times in epoch seconds."""
    documents = ({**case_document(case), "findings": " ".join(case.findings)} for case in cases)
    return csv_text(_CSV_COLUMNS, ([document[column] for column in _CSV_COLUMNS] for document in documents))


_JOURNAL_COLUMNS = (
    "id", "created", "state", "plan", "case", "action", "method", "path", "params", "idempotency_key", "shown", "by",
    "sent_at", "settled_at", "request_id", "error", "undoes", "card",
)  # fmt: skip


def journal_csv(entries: Iterable[JournalEntry]) -> str:
    """The journal as CSV with a header; times in epoch seconds, the parameters as JSON."""
    rows = []
    for entry in entries:
        values = {name: getattr(entry, name) for name in _JOURNAL_COLUMNS}
        values["params"] = json.dumps(entry.params, ensure_ascii=False, sort_keys=True)
        rows.append(values.values())
    return csv_text(_JOURNAL_COLUMNS, rows)


def csv_text(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """CSV with a header, every cell guarded; lines end with a line feed alone."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([csv_cell(value) for value in row] for row in rows)
    return text.getvalue()


def counted(cases: Sequence[Case], locale: str) -> str:
    """How many cases, and what is at risk in each currency."""
    sums: dict[str, int] = {}
    for case in cases:
        sums[case.currency] = sums.get(case.currency, 0) + case.amount_at_risk
    at_risk = amounts(sums, lambda amount, currency: money(amount, currency, locale))
    return f"{plural(len(cases), 'case')}{f', at risk {at_risk}' if at_risk else ''}"


def spread(groups: int, total: int) -> str:
    """How many cases are in how many groups."""
    return f"{plural(total, 'case')} in {plural(groups, 'group')}"


def case_lines(
    case: Case,
    history: Sequence[TimelineEvent],
    notes: Sequence[Note],
    tags: Sequence[str],
    zone: tzinfo,
    locale: str,
) -> Iterator[str]:
    """One case as `show` prints it."""
    from ghl_triage.diagnosis import highlevel_texts
    from ghl_triage.diagnosis.texts import sentence

    def money_of(amount: int, currency: str) -> str:
        return money(amount, currency, locale)

    told = sentence(case, money=money_of, keys=_COMMANDS)
    yield f"{clean(case.email) or '–'}  {clean(case.name)}".rstrip()
    yield "  ".join(map(clean, filter(None, (case.subscription, case.customer, case.invoice, case.status))))
    yield f"{words(case.stage)}: {cause_words(case)}  ({path_words(case)})"
    if case.amount_at_risk:
        yield f"at risk {money_of(case.amount_at_risk, case.currency)}"
    yield clean(told.why)
    if told.next_step:
        yield clean(told.next_step if case.actor is Actor.NOBODY else f"{told.who}: {told.next_step}")
    for finding in case.findings:
        yield f"also: {words(finding)}"
    for kind, reason in case.blocked.items():
        yield f"no {words(kind)}: {clean(reason)}"
    if tags:
        yield f"tags: {clean(', '.join(tags))}"
    yield from _section("notes", [f"{when(note.at, zone)}  {clean(note.text)}" for note in notes])
    proofs = [item for proof in case.finding_evidence.values() for item in proof]
    yield from _section("evidence", [evidence_line(item, zone) for item in (*case.evidence, *proofs)])
    yield from _section("duplicate customers", [duplicate_line(other, zone) for other in case.duplicates])
    yield from _section("payment methods", [f"{clean(card.id)}  {card_label(card)}" for card in case.payment_methods])
    listed = Finding.NOT_IN_HIGHLEVEL in case.findings
    seen = highlevel_texts.facts(case, lists_read=listed)
    yield from _section("HighLevel", [clean(f"{name:<10}{value}") for name, value in seen])
    yield from _section("history", [timeline_line(event, zone, locale) for event in history])


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield title
        yield from (f"  {line}" for line in lines)


def path_words(case: Case) -> str:
    """How the subscription was sold, how sure that is, and what says so."""
    return f"{case.path}, {case.path_confidence}: {clean(case.path_evidence)}"


def cause_words(case: Case) -> str:
    """The cause in words, or the verdict to come, or a dash for a case that has none."""
    if case.cause is not None:
        return words(case.cause)
    return case.pending or "–"


def evidence_line(item: Evidence, zone: tzinfo) -> str:
    """One line that a reader can check in the Dashboard."""
    at = f"  {when(item.at, zone)}" if item.at is not None else ""
    return f"{clean(item.object_id)}  {clean(item.field)} = {clean(item.value)}{at}"


def duplicate_line(other: CustomerView, zone: tzinfo) -> str:
    """Another customer who may be the same person: what is alike, what he has, whether HighLevel lists him."""
    created = when(other.created, zone, year=True) if other.created else "–"
    cards = ", ".join(map(card_label, other.cards)) or ("no card" if other.cards_read else "cards not read")
    open_ones = (
        ", ".join(f"{clean(sub.status)} {clean(sub.id)}" for sub in other.subscriptions) or "no subscription open"
    )
    alike = " and ".join(f"same {likeness}" for likeness in other.alike)
    listed = "  listed in HighLevel" if other.highlevel else ""
    return f"{clean(other.id)}  {clean(other.email)}  {alike}, since {created}: {cards}; {open_ones}{listed}"


LANE_LETTERS = {"highlevel": "H", "checkout": "C", "api": "A", "billing": "B"}


def timeline_line(event: TimelineEvent, zone: tzinfo, locale: str) -> str:
    """One line of the history: time, the lane's letter in its column, what happened."""
    lanes = "".join(letter if lane == event.lane else "·" for lane, letter in LANE_LETTERS.items())
    mark = "✗ " if event.ok is False else ""
    amount = f"  {money(event.amount, event.currency, locale)}" if event.amount is not None and event.currency else ""
    return f"{when(event.at, zone)}  {lanes}  {mark}{clean(event.summary)}{amount}"


def journal_line(entry: JournalEntry, zone: tzinfo) -> str:
    """One entry of the journal: its number, when, what, what came of it, Stripe's request id."""
    request = f"  ({clean(entry.request_id)})" if entry.request_id else ""
    error = f"  {clean(entry.error)}" if entry.error else ""
    return (
        f"{entry.id:>5}  {when(entry.created, zone, year=True)}  {entry.state:8}  {clean(entry.shown)}{error}{request}"
    )


def progress_line(progress: SyncProgress) -> str:
    """The state of a sync in one line; failed parts are named, each reason once."""
    running = [part.name for part in progress.parts if part.state == "running"]
    alike: dict[str, list[str]] = {}
    for part in progress.failed_parts:
        alike.setdefault(clean(part.error or ""), []).append(part.name)
    failed = [f"{', '.join(names)} failed: {why}" for why, names in alike.items()]
    counted = f"{plural(progress.objects, 'object')}, {plural(progress.requests, 'request')}"
    return "; ".join([counted, *([f"reading {', '.join(running)}"] if running else []), *failed])


@contextmanager
def sync_display() -> Iterator[Callable[[SyncProgress], None]]:
    """Show a sync while it runs: a line that moves on a terminal, nothing elsewhere."""
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status("connecting…") as status:
        yield lambda progress: status.update(Text(progress_line(progress)))
