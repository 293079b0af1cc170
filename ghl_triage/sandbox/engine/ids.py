"""Ids that look like Stripe's, the same for the same seed."""

from __future__ import annotations

from random import Random

from ghl_triage.sandbox.engine.api import PREFIXES

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PAIRS = tuple(a + b for a in _ALPHABET for b in _ALPHABET)
#: Stripe's ids of one account share a piece of the account's own id.
ACCOUNT_PART = "Gh7TrIaGe"
ACCOUNT_ID = "acct_1QSandGh7TrIaGe0"
#: Kinds whose ids are 14 characters without time or account.
_SHORT = frozenset({"customer", "product", "subscription_item"})


def base62(number: int, width: int) -> str:
    """A number in Stripe's alphabet, padded with "0"."""
    digits = []
    while number:
        number, rest = divmod(number, 62)
        digits.append(_ALPHABET[rest])
    return "".join(reversed(digits)).rjust(width, "0")


class Ids:
    """Makes ids from a seed; the order of calls decides them."""

    __slots__ = ("_random", "_time", "_time_text")

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)  # noqa: S311 - names of sandbox objects, nothing to guard
        self._time = -1
        self._time_text = ""

    def characters(self, count: int) -> str:
        """Random characters of the alphabet."""
        bits = self._random.getrandbits(6 * count + 12)
        pieces = []
        for _ in range((count + 1) // 2):
            bits, rest = divmod(bits, 3844)
            pieces.append(_PAIRS[rest])
        return "".join(pieces)[:count]

    def make(self, kind: str, now: int) -> str:
        """An id of this kind, made at this time."""
        prefix = PREFIXES[kind]
        if kind in _SHORT:
            return prefix + self.characters(14)
        if kind == "checkout.session":
            return f"{prefix}a1{self.characters(56)}"
        return f"{prefix}{'3' if kind in {'charge', 'payment_intent'} else '1'}{self._moment(now)}{self.characters(8)}"

    def other(self, prefix: str, count: int = 14) -> str:
        """An id of something that is not stored on its own: items, lines, requests, rules, tokens."""
        return prefix + self.characters(count)

    def secret(self, owner: str) -> str:
        """A client secret."""
        return f"{owner}_secret_{self.characters(25)}"

    def _moment(self, now: int) -> str:
        if now != self._time:
            self._time, self._time_text = now, base62(now, 6) + ACCOUNT_PART
        return self._time_text
