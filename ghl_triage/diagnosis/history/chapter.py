"""What every part of the history is told from."""

from __future__ import annotations

from dataclasses import dataclass

from ghl_triage.diagnosis.facts import Event
from ghl_triage.diagnosis.parse_payments import card
from ghl_triage.diagnosis.situation import Situation
from ghl_triage.diagnosis.views import card_view
from ghl_triage.model import CardView, Lane, Path, TimelineEvent
from ghl_triage.text import card_label

SIGN_UP = 86_400
LANES = {Path.HIGHLEVEL: Lane.HIGHLEVEL, Path.CHECKOUT: Lane.CHECKOUT, Path.API: Lane.API, Path.UNKNOWN: Lane.API}
SELLERS = {Lane.HIGHLEVEL: "HighLevel", Lane.CHECKOUT: "Checkout", Lane.API: "the API", Lane.BILLING: "Stripe"}


@dataclass(frozen=True, slots=True)
class Chapter:
    """One subscription's situation, with its events by the object that they tell of."""

    situation: Situation
    events: dict[str, list[Event]]

    @property
    def lane(self) -> Lane:
        """The lane of the system that sold the subscription."""
        return LANES[self.situation.path.path]

    def when(self, object_id: str, *types: str) -> int | None:
        """When an event of one of these types told of the object; the first one."""
        return next((event.created for event in self.events.get(object_id, ()) if event.type in types), None)

    def lane_at(self, at: int | None) -> Lane:
        """Who acted at a time: the seller around the sign-up; later a program of the client's, for all we know."""
        near = at is not None and abs(at - self.situation.sub.created) <= SIGN_UP
        return self.lane if near else Lane.API

    def card(self, card_id: str | None) -> str:
        """A card in words; its id where neither an object nor an event of it is known."""
        if card_id is None:
            return "no card"
        if self.situation.card(card_id) is not None:
            return card_label(card_view(self.situation, card_id))
        told = self.events.get(card_id)
        if not told:
            return card_id
        seen = card(told[-1].body)
        view = CardView(card_id, seen.type, seen.brand, seen.last4, seen.exp_month, seen.exp_year)
        return card_label(view) if seen.last4 else card_id


def line(
    at: int | None,
    lane: Lane,
    kind: str,
    summary: str,
    object_id: str,
    *,
    money: tuple[int, str] | None = None,
    ok: bool | None = None,
) -> list[TimelineEvent]:
    """One line, or none where its time is not known. `money` is an amount in minor units with its currency."""
    if at is None or at <= 0:
        return []
    amount, currency = money or (None, None)
    return [TimelineEvent(at, lane, kind, summary, object_id, amount, currency, ok)]
