"""What can stand before the colon: its column, its kind, and the values that are known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from ghl_triage.model import Actor, Cause, Finding, Path, Stage


class Kind(Enum):
    """How the values of a qualifier are read and compared."""

    SLUG = auto()
    """One of a closed list of slugs."""
    SLUGS = auto()
    """A closed list of slugs, of which a case may have several."""
    TAG = auto()
    """Labels in a table of their own."""
    TEXT = auto()
    """Any text, compared whole, case ignored."""
    UPPER = auto()
    """The same, stored in upper case."""
    ID = auto()
    """An id, compared as it is."""
    CURRENCY = auto()
    """Three letters."""
    COUNT = auto()
    """A whole number."""
    MONEY = auto()
    """An amount in major units of the row's own currency."""
    AGE = auto()
    """A duration since a moment."""
    UNTIL = auto()
    """A duration until a moment."""


@dataclass(frozen=True, slots=True)
class Qualifier:
    """One qualifier. `values` are all there are for slugs, and the usual ones to offer for the others."""

    name: str
    kind: Kind
    column: str
    values: tuple[str, ...]
    example: str

    @property
    def compares(self) -> bool:
        """Whether it takes `>`, `<` and ranges."""
        return self.kind in {Kind.COUNT, Kind.MONEY, Kind.AGE, Kind.UNTIL}


_STATUSES = ("past_due", "unpaid", "incomplete", "paused", "trialing", "active", "canceled", "incomplete_expired")
_BRANDS = ("visa", "mastercard", "amex", "discover", "diners", "jcb", "unionpay")
_ADVICE = ("try_again_later", "confirm_card_data", "do_not_try_again")

_ALL = (
    Qualifier("path", Kind.SLUG, "path", tuple(Path), "path:api"),
    Qualifier("status", Kind.TEXT, "status", _STATUSES, "status:past_due"),
    Qualifier("stage", Kind.SLUG, "stage", tuple(Stage), "stage:lost"),
    Qualifier("cause", Kind.SLUG, "cause", tuple(Cause), "cause:card_not_default"),
    Qualifier("finding", Kind.SLUGS, "findings", tuple(Finding), "finding:several_cards"),
    Qualifier("actor", Kind.SLUG, "actor", tuple(Actor), "actor:consultant"),
    Qualifier("currency", Kind.CURRENCY, "currency", (), "currency:usd"),
    Qualifier("card", Kind.TEXT, "card", (), "card:4242"),
    Qualifier("brand", Kind.TEXT, "brand", _BRANDS, "brand:visa"),
    Qualifier("funding", Kind.TEXT, "funding", ("credit", "debit", "prepaid", "unknown"), "funding:prepaid"),
    Qualifier("country", Kind.UPPER, "country", (), "country:US"),
    Qualifier("price", Kind.ID, "price", (), "price:price_1Abc"),
    Qualifier("code", Kind.TEXT, "code", (), "code:insufficient_funds"),
    Qualifier("advice", Kind.TEXT, "advice", _ADVICE, "advice:try_again_later"),
    Qualifier("tag", Kind.TAG, "tag", (), "tag:vip"),
    Qualifier("amount", Kind.MONEY, "amount_milli", (">50", ">100", "<50"), "amount:>50"),
    Qualifier("age", Kind.AGE, "since", ("<1d", "<7d", ">30d"), "age:<7d"),
    Qualifier("trial-ends", Kind.UNTIL, "trial_end", ("<1d", "<3d", "<7d"), "trial-ends:<3d"),
    Qualifier("attempts", Kind.COUNT, "attempts", (">=4", "0"), "attempts:>=4"),
)

QUALIFIERS = {qualifier.name: qualifier for qualifier in _ALL}
"""By name, in the order in which they are offered."""
