"""The step that takes back a default that we set: the former value, and only where ours still stands."""

from __future__ import annotations

from collections.abc import Sequence

from ghl_triage.actions.draft import Draft, Order, Skip
from ghl_triage.actions.facts import Facts, Subject
from ghl_triage.actions.requests import RequestMaker, default_in, named
from ghl_triage.model import CardView
from ghl_triage.store.journal import JournalEntry


def undo(subject: Subject, order: Order, maker: RequestMaker) -> Draft:
    """Put back all that our newest plan on the case changed, the last change first; or one entry that was named."""
    entries = _wanted(subject.facts.undoable, order.choices.entry)
    cards = subject.case.payment_methods
    for entry in entries:
        _refuse(entry, subject.facts, cards)
    return Draft(tuple(maker.undo(entry) for entry in entries), notes=tuple(_note(entry, cards) for entry in entries))


def _wanted(entries: Sequence[JournalEntry], number: int | None) -> list[JournalEntry]:
    if number is not None:
        found = [entry for entry in entries if entry.id == number]
        if not found:
            raise Skip(f"entry {number} changed no default, was not carried out, or was taken back already")
        return found
    if not entries:
        raise Skip("nothing of ours can be taken back here")
    return [entry for entry in entries if entry.plan == entries[0].plan]


def _refuse(entry: JournalEntry, facts: Facts, cards: Sequence[CardView]) -> None:
    """Raise Skip where somebody changed the default since, or the former card is gone."""
    ours, stands = default_in(entry.params), _standing(entry, facts)
    if stands != ours:
        raise Skip(f"somebody changed it since: it is {named(stands, cards) if stands else 'none'} now")
    former = default_in(entry.undo or {})
    view = next((card for card in cards if card.id == former), None)
    if former and (view is None or not view.attached) and facts.cards_read:
        raise Skip(f"{named(former, cards)}, which stood there before, is not attached any more")


def _standing(entry: JournalEntry, facts: Facts) -> str:
    if entry.path.startswith("/v1/customers/"):
        return facts.customer_default or ""
    return (facts.subscription.default_payment_method if facts.subscription else None) or ""


def _note(entry: JournalEntry, cards: Sequence[CardView]) -> str:
    return f"takes back entry {entry.id}: {named(default_in(entry.params), cards)} was made the default"
