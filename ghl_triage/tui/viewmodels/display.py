"""What every view model needs to write a value down: the time, the zone, the currency style."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo

from ghl_triage.text import amounts, money, when
from ghl_triage.tui.spans import Tone


@dataclass(frozen=True, slots=True)
class Display:
    """How values are written at the moment `now` (epoch seconds)."""

    now: int
    zone: tzinfo = UTC
    locale: str = "en_US"

    def money(self, amount: int, currency: str) -> str:
        """An amount of minor units as people write it."""
        return money(amount, currency, self.locale)

    def sums(self, by_currency: Mapping[str, int]) -> str:
        """Sums side by side, one for each currency."""
        return amounts(by_currency, self.money)

    def when(self, at: int) -> str:
        """A time in the workspace's zone, with the year where it is not this one."""
        year = abs(self.now - at) > 300 * 86_400
        return when(at, self.zone, year=year)


STATUS_TONES = {
    "past_due": Tone.BAD,
    "unpaid": Tone.BAD,
    "incomplete": Tone.BAD,
    "paused": Tone.BAD,
    "trialing": Tone.WARN,
    "active": Tone.GOOD,
    "canceled": Tone.MUTED,
    "incomplete_expired": Tone.MUTED,
}
"""The tone of a status; the status itself stands there as a word. One that Stripe adds is ordinary text."""
