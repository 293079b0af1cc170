"""Identifiers that look like Stripe's and say, to the world alone, which cell they belong to.

A world of 100,000 subscriptions keeps no table of its objects: `decode` turns any identifier back into the number of
its cell. While a story is played for the first time its identifiers are marks (`~s<slot>.<length>~`); each cell that
tells the same story gets tokens of its own in their place.
"""

from __future__ import annotations

import re

from ghl_triage.sandbox.engine.api import PREFIXES
from ghl_triage.sandbox.engine.ids import ACCOUNT_PART, Ids

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PAIRS = tuple(a + b for a in _ALPHABET for b in _ALPHABET)
_VALUE = {pair: number for number, pair in enumerate(_PAIRS)}
_PAIR_COUNT = len(_PAIRS)
TOKEN_LENGTH = 14
_SPACE: int = _PAIR_COUNT ** (TOKEN_LENGTH // 2)
_FACTOR = 7_665_000_000_000_000_000_000_123
"""Coprime to 62**14, so that the scrambling can be undone, and about 0.62 of it, so that neighbours lie far apart."""
_INVERSE: int = pow(_FACTOR, -1, _SPACE)
SLOTS = 4096
"""How many identifiers one cell may have."""
_LONG_ID = 24
_SHORT_KINDS = frozenset({"customer", "product"})

MARK = re.compile(r"~([sS])([0-9a-fA-F]{3})\.(\d\d)~")
"""A mark in the text of a template: the slot, and how many characters are wanted; in capitals where somebody asked."""
HEX_LENGTH = 24
_HEX_HEAD = "67"
HEX_MARK = re.compile(r"~s([0-9a-f]{3})\.xx~")
"""A mark for an identifier of 24 hexadecimal digits, as HighLevel's database makes them."""


class MarkedIds(Ids):
    """Makes marks instead of characters: the identifiers of a story that is being turned into a template."""

    __slots__ = ("_slot",)

    def __init__(self) -> None:
        super().__init__("")
        self._slot = 0

    def characters(self, count: int) -> str:
        """A mark for this many characters."""
        return self._mark(f"{count:02d}")

    def make(self, kind: str, now: int) -> str:  # noqa: ARG002  the time would tell two cells of one template apart
        """An identifier of this kind, as a mark behind its prefix."""
        prefix = PREFIXES[kind]
        if kind in _SHORT_KINDS:
            return prefix + self.characters(TOKEN_LENGTH)
        if kind == "checkout.session":
            return f"{prefix}a1{self.characters(56)}"
        return f"{prefix}{'3' if kind in {'charge', 'payment_intent'} else '1'}{self.characters(_LONG_ID - 1)}"

    def hexadecimal(self) -> str:
        """A mark for 24 hexadecimal digits."""
        return self._mark("xx")

    def _mark(self, length: str) -> str:
        slot = self._slot
        if slot >= SLOTS:
            raise ValueError("a story with too many identifiers")
        self._slot += 1
        return f"~s{slot:03x}.{length}~"


class Scrambler:
    """Turns places (a cell, and a slot in it) into characters and back; another seed gives other characters."""

    def __init__(self, seed: int, cells: int) -> None:
        self._offset = (seed * 0x9E3779B97F4A7C15F39CC060 + 0x1D872B41A3C59F) % _SPACE
        self._limit = cells * SLOTS

    def token(self, cell: int, slot: int) -> str:
        """The 14 characters that stand for one identifier of one cell."""
        number = self._number(cell, slot)
        pairs = []
        for _ in range(TOKEN_LENGTH // 2):
            number, pair = divmod(number, _PAIR_COUNT)
            pairs.append(_PAIRS[pair])
        return "".join(pairs)

    def characters(self, cell: int, slot: int, count: int) -> str:
        """The text that takes the place of a mark for `count` characters."""
        token = self.token(cell, slot)
        if count == TOKEN_LENGTH:
            return token
        if count == _LONG_ID - 1:
            return token[:6] + ACCOUNT_PART + token[6:]
        return (token + token[::-1] * 4)[:count]

    def hexadecimal(self, cell: int, slot: int) -> str:
        """The 24 digits that take the place of a hexadecimal mark; 62**14 is below 16**22."""
        return f"{_HEX_HEAD}{self._number(cell, slot):022x}"

    def cell_of(self, text: str) -> int | None:
        """The cell that an identifier belongs to; None where it is none of this world's."""
        body = text.rpartition("_")[2]
        if len(body) == _LONG_ID and body[7:16] == ACCOUNT_PART:
            return self._decode(body[1:7] + body[16:])
        if text.startswith("cs_") and body.startswith("a1"):
            return self._decode(body[2 : 2 + TOKEN_LENGTH])
        return self._decode(body)

    def cell_of_hexadecimal(self, text: str) -> int | None:
        """The same for HighLevel's identifiers of 24 digits."""
        try:
            return self._cell(int(text[2:], 16)) if len(text) == HEX_LENGTH and text.startswith(_HEX_HEAD) else None
        except ValueError:
            return None

    def _number(self, cell: int, slot: int) -> int:
        return ((cell * SLOTS + slot) * _FACTOR + self._offset) % _SPACE

    def _decode(self, token: str) -> int | None:
        if len(token) != TOKEN_LENGTH:
            return None
        number = 0
        for start in range(TOKEN_LENGTH - 2, -1, -2):
            pair = _VALUE.get(token[start : start + 2])
            if pair is None:
                return None
            number = number * _PAIR_COUNT + pair
        return self._cell(number)

    def _cell(self, number: int) -> int | None:
        place: int = (number - self._offset) * _INVERSE % _SPACE
        return place // SLOTS if place < self._limit else None
