"""Two subscriptions of one price beside each other: which one stays, and what was paid on each (rule 2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from ghl_triage.diagnosis.dossier import Dossier
from ghl_triage.diagnosis.duplicates import keeper, rivals
from ghl_triage.diagnosis.situation import Situation
from ghl_triage.model import Coverage, Records


@dataclass(frozen=True, slots=True)
class Contender:
    """One of them. `paid` is what its invoices took, in minor units by currency; `open_invoices` wait for money."""

    subscription: str
    customer: str
    status: str
    created: int
    paid: Mapping[str, int]
    invoices_paid: int
    open_invoices: tuple[str, ...]
    usable: bool


@dataclass(frozen=True, slots=True)
class Rivalry:
    """The subscription in question, and the one that stays; where none can be charged, the oldest stays."""

    own: Contender
    stays: Contender

    @property
    def own_is_kept(self) -> bool:
        """Whether it is itself the one that stays."""
        return self.own.subscription == self.stays.subscription

    @property
    def paid_more(self) -> bool:
        """Whether more was paid on it than on the one that stays, in any currency."""
        return any(amount > self.stays.paid.get(currency, 0) for currency, amount in self.own.paid.items())


def rivalry(records: Records, subscription: str, now: int, *, coverage: Coverage) -> Rivalry | None:
    """The same out of a customer's records; `now` in epoch seconds."""
    dossier = Dossier(records, coverage)
    found = next((sub for sub in dossier.subscriptions if sub.id == subscription), None)
    return compare(Situation(dossier, found, now)) if found else None


def compare(own: Situation) -> Rivalry | None:
    """The subscription and the one that stays, as rule 2 chooses it; None where no other one of its price is open.

    The same answer for every one of the duplicates: two of them can never each be canceled for the other.
    """
    others = rivals(own)
    if not others:
        return None
    everyone = sorted([own, *others], key=lambda one: (one.sub.created, one.sub.id))
    return Rivalry(_contender(own), _contender(keeper(own, others) or everyone[0]))


def _contender(situation: Situation) -> Contender:
    paid: Counter[str] = Counter()
    count = 0
    for invoice in situation.invoices:
        taken = invoice.amount_due - invoice.amount_remaining if invoice.status != "void" else 0
        if taken > 0:
            paid[invoice.currency] += taken
            count += 1
    return Contender(
        subscription=situation.sub.id,
        customer=situation.dossier.customer.id,
        status=situation.sub.status,
        created=situation.sub.created,
        paid=dict(paid),
        invoices_paid=count,
        open_invoices=tuple(invoice.id for invoice in situation.open_invoices),
        usable=situation.effective_usable,
    )
