"""How many decimals an amount of Stripe's has, by currency.

Stripe's list, not ISO's: it keeps two decimals for UGX and ISK although their smallest unit is whole
(docs.stripe.com/currencies, "Zero-decimal currencies", "Three-decimal currencies", "Special cases").
"""

from __future__ import annotations

from decimal import Decimal

ZERO_DECIMAL = frozenset(
    {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"}
)
THREE_DECIMAL = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})


def exponent(currency: str) -> int:
    """The number of decimals between a currency's minor and major unit."""
    code = currency.lower()
    if code in ZERO_DECIMAL:
        return 0
    return 3 if code in THREE_DECIMAL else 2


def to_major(amount: int, currency: str) -> Decimal:
    """An amount in minor units, in major units: 9700 usd is 97.00, 4000 jpy is 4000."""
    return Decimal(amount).scaleb(-exponent(currency))


def to_minor(amount: Decimal, currency: str) -> int:
    """An amount in major units (HighLevel's way), in minor units; halves are rounded to even."""
    return int(amount.scaleb(exponent(currency)).to_integral_value())
