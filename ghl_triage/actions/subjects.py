"""Cases with their facts, out of the store, judged as of now: a verdict stored yesterday knows yesterday's caps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ghl_triage.actions.bookkeeping import in_flight
from ghl_triage.actions.catalogue import action as action_of
from ghl_triage.actions.facts import Facts, Subject, facts_of
from ghl_triage.actions.offers import choosable
from ghl_triage.actions.plan import Choices
from ghl_triage.diagnosis.card_tries import card_tries
from ghl_triage.diagnosis.case import diagnose
from ghl_triage.diagnosis.dossier import Dossier
from ghl_triage.diagnosis.rivalry import rivalry
from ghl_triage.diagnosis.usable import usable_cards
from ghl_triage.errors import UsageError
from ghl_triage.model import ActionKind, Caps, CardView, Case, Coverage, Level, Records
from ghl_triage.store.journal import Journal, JournalEntry
from ghl_triage.store.reader import Reader
from ghl_triage.sync.load import RECONCILED


def load_subjects(
    database: Path,
    subscriptions: Sequence[str],
    *,
    kind: ActionKind,
    choices: Choices,
    now: int,
    caps: Caps,
    continues: str | None = None,
    but_for: JournalEntry | None = None,
) -> list[Subject]:
    """The subjects of a plan, in the order asked for, as far as the store has them.

    Raises UsageError where it has none of them; but what was left of a plan may be gone altogether, and is over then.
    `but_for` is an entry that is left out of account, with the rest of its plan, as if it had never been.
    """
    with Reader(database) as reader, Journal(database) as journal:
        stored = {case.subscription: case for case in reader.cases(subscriptions)}
        if subscriptions and not stored and continues is None:
            raise UsageError(f"{subscriptions[0]} is not in the local data.", hint="Run `ghl-triage sync`.")
        records = reader.records_of({case.customer for case in stored.values()})
        coverage, entries = reader.coverage(), journal.open_entries()
        loaded = reader.cursor(RECONCILED) is not None
        if but_for is not None:
            records = {customer: _without(but_for, known) for customer, known in records.items()}
            entries = [entry for entry in entries if entry.plan != but_for.plan]
        hanging = in_flight(entries, continues=continues)
        undoable = {name: _undoable(journal, name, continues) for name in stored if kind is ActionKind.UNDO}
    judge = _Judge(now, coverage, caps)
    found = []
    for name in dict.fromkeys(name for name in subscriptions if name in stored):
        known = records[stored[name].customer]
        case = judge.case(known, name) or stored[name]
        named = judge.named(case, known, choices) if kind is ActionKind.RETRY else None
        facts = replace(facts_of(case, known, in_flight=hanging.get(name), named=named), loaded=loaded)
        if len(stored) == 1 and not choices.cautious:
            facts = replace(facts, choosable=judge.choosable(kind, case, known))
        if kind is ActionKind.UNDO:
            facts = replace(facts, undoable=undoable[name])
        if kind is ActionKind.CANCEL_DUPLICATE:
            facts = _beside(replace(facts, rivalry=rivalry(known, name, now, coverage=coverage)), hanging)
        subject = Subject(case, facts)
        if action_of(kind).moves_money and subject.card is not None:
            tried = tuple(card_tries(Dossier(known, coverage), subject.card, now))
            shared = bool(known.namesakes or known.card_mates)
            subject = replace(subject, facts=replace(facts, card_tried=tried, card_shared=shared))
        found.append(subject)
    return found


def _beside(facts: Facts, hanging: Mapping[str, str]) -> Facts:
    """With what hangs on the subscription that is to stay: it may be canceled itself, and then none would be left."""
    stays = facts.rivalry.stays.subscription if facts.rivalry else ""
    return replace(facts, in_flight=facts.in_flight or hanging.get(stays))


def _without(entry: JournalEntry, records: Records) -> Records:
    """The records as they were without one payment of ours."""
    left = [one for one in records.own_attempts if (f"/v1/invoices/{one.invoice}/pay", one.at) != _attempt(entry)]
    return replace(records, own_attempts=left)


def _attempt(entry: JournalEntry) -> tuple[str, int | None]:
    return entry.path, entry.sent_at


def _undoable(journal: Journal, case: str, continues: str | None) -> tuple[JournalEntry, ...]:
    """What can be taken back; of a plan that is continued, only what it was to take back and never sent."""
    found = journal.undoable(case, continues=continues)
    if continues is None:
        return tuple(found)
    owed = {entry.undoes for entry in journal.open_entries() if entry.plan == continues}
    return tuple(entry for entry in found if entry.id in owed)


class _Judge:
    """Gives verdicts as of one moment; the subscriptions of a customer are judged once."""

    def __init__(self, now: int, coverage: Coverage, caps: Caps) -> None:
        self._now, self._coverage, self._caps = now, coverage, caps
        self._known: dict[str, dict[str, Case]] = {}

    def case(self, records: Records, subscription: str) -> Case | None:
        """The verdict on a subscription."""
        customer = str(records.customer.get("id") or "")
        if customer not in self._known:
            self._known[customer] = self._diagnose(records)
        return self._known[customer].get(subscription)

    def named(self, case: Case, records: Records, choices: Choices) -> tuple[str, str | None] | None:
        """The card that a payment must name, and why not; None where Stripe's own choice stands.

        An invoice's own default cannot be mended from here: once the level below it holds the good card, the payment
        names that card. The question "may it be charged" is the question what would be said if the invoice named it.
        """
        card = choices.payment_method or _below_the_invoice(case, records)
        if card is None or card == case.effective_payment_method:
            return None
        return card, self._against(card, case, records)

    def choosable(self, kind: ActionKind, case: Case, records: Records) -> tuple[CardView, ...]:
        """The cards that could be chosen for this action; for a retry only those that may be charged now."""
        usable = usable_cards(records, case.subscription, self._now, coverage=self._coverage)
        if kind is ActionKind.FIX_DEFAULT:
            return choosable(case.payment_methods, dict.fromkeys(usable))
        if kind is not ActionKind.RETRY:
            return ()
        usual = case.effective_payment_method
        refused = {card: self._against(card, case, records) for card in usable if card != usual}
        if usual is not None:
            refused[usual] = case.blocked.get(ActionKind.RETRY)
        return choosable(case.payment_methods, refused)

    def _against(self, card: str, case: Case, records: Records) -> str | None:
        """Why a card must not be charged now."""
        if_named = self._diagnose(_with_invoice_default(records, case.invoice, card)).get(case.subscription)
        return if_named.blocked.get(ActionKind.RETRY) if if_named else None

    def _diagnose(self, records: Records) -> dict[str, Case]:
        cases = diagnose(records, self._now, coverage=self._coverage, caps=self._caps)
        return {case.subscription: case for case in cases}


def _below_the_invoice(case: Case, records: Records) -> str | None:
    if case.effective_level is not Level.INVOICE:
        return None
    below = facts_of(case, records).lower_default
    return below if below == case.candidate_payment_method else None


def _with_invoice_default(records: Records, invoice: str | None, card: str) -> Records:
    changed = [
        {**raw, "default_payment_method": card, "default_source": None} if raw.get("id") == invoice else raw
        for raw in records.invoices
    ]
    return replace(records, invoices=changed)
