"""What a decline code means for us: its category, and whether the same card may be tried again."""

from __future__ import annotations

from enum import StrEnum

from ghl_triage.diagnosis.decline_table import ROWS, Row


class Category(StrEnum):
    """The kind of a refusal. Every listed code has exactly one; all others are `unknown`."""

    RETRYABLE = "retryable"
    SOFT_FUNDS = "soft_funds"
    CUSTOMER_ISSUER = "customer_issuer"
    CUSTOMER_AUTH = "customer_auth"
    CUSTOMER_DATA = "customer_data"
    CUSTOMER_NEW_METHOD = "customer_new_method"
    CARD_PRESENT = "card_present"
    HARD = "hard"
    HARD_HIDDEN = "hard_hidden"
    CHECK_FIRST = "check_first"
    RADAR = "radar"
    CONFIG = "config"
    UNKNOWN = "unknown"


DECLINED = "card_declined"
"""The error code that says nothing more: the reason stands in the decline code, if anywhere."""
EXPIRED = frozenset({"expired_card", "expired_payment_method"})
HARD = frozenset({Category.HARD, Category.HARD_HIDDEN, Category.CUSTOMER_NEW_METHOD, Category.CARD_PRESENT})
BLOCK_REASONS = frozenset(
    {"rule", "highest_risk_level", "previously_declined_do_not_retry", "low_probability_of_authorization"}
)
"""Reasons by which Stripe itself stopped a payment, whatever the outcome's type says (row 21)."""
NEW_CARD_REASONS = frozenset({"previously_declined_do_not_retry", "low_probability_of_authorization"})
"""Those of them that only another card mends."""
WRONG_CVC_BLOCK = "requested_block_on_incorrect_cvc"

_ROWS = {row.code: row for row in ROWS}


def listed(code: str | None) -> Row | None:
    """What we know of a code; None for one that we don't."""
    return _ROWS.get(code) if code else None


def category(code: str | None) -> Category:
    """The category of a code; `unknown` for an unlisted one."""
    row = listed(code)
    return Category(row.category) if row else Category.UNKNOWN


def may_retry(code: str | None) -> str | None:
    """`yes`, `later` or `no`; None where nothing is known."""
    row = listed(code)
    return row.retry if row else None


def meaning(code: str) -> str:
    """A code in a few words, for the consultant."""
    row = listed(code)
    return row.meaning if row else "a code that this version does not know"


def advice(code: str) -> str | None:
    """What to do about a code, for the consultant."""
    row = listed(code)
    return row.advice if row else None


def shown_to_customers(code: str) -> str:
    """The code that a customer may read about: never why a card was reported lost, stolen or suspect."""
    row = listed(code)
    return "generic_decline" if row is not None and row.hidden else code
