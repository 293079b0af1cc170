"""Identifiers that look like Stripe's and say, to the world alone, which cell they belong to.

A world of 100,000 subscriptions keeps no table of its objects: `decode` turns any identifier back into the number of
its cell and the object's place in it. An invented or a later identifier decodes to nothing.
"""

from __future__ import annotations

from typing import NamedTuple

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PAIRS = tuple(a + b for a in _ALPHABET for b in _ALPHABET)
_VALUE = {pair: number for number, pair in enumerate(_PAIRS)}
_PAIR_COUNT = len(_PAIRS)
TOKEN_LENGTH = 14
_SPACE = _PAIR_COUNT ** (TOKEN_LENGTH // 2)
_FACTOR = 0x5851F42D4C957F2D | 1
"""Odd and no multiple of 31: coprime to 62**14, so that the scrambling can be undone."""
_INVERSE = pow(_FACTOR, -1, _SPACE)
PLACES = 4096
"""How many identifiers one cell may have."""


class Place(NamedTuple):
    """Where an identifier belongs: the number of the cell, and its own number inside."""

    cell: int
    slot: int


class Scrambler:
    """Turns places into tokens of 14 characters and back; another seed gives other tokens."""

    def __init__(self, seed: int, cells: int) -> None:
        self._offset = (seed * 0x9E3779B97F4A7C15 + 0x1D872B41) % _SPACE
        self._limit = cells * PLACES

    def token(self, cell: int, slot: int) -> str:
        """The 14 characters that stand for one identifier of one cell."""
        number = ((cell * PLACES + slot) * _FACTOR + self._offset) % _SPACE
        pairs = []
        for _ in range(TOKEN_LENGTH // 2):
            number, pair = divmod(number, _PAIR_COUNT)
            pairs.append(_PAIRS[pair])
        return "".join(pairs)

    def decode(self, token: str) -> Place | None:
        """The place that a token stands for; None where it is none of this world's."""
        if len(token) != TOKEN_LENGTH:
            return None
        number = 0
        for start in range(TOKEN_LENGTH - 2, -1, -2):
            pair = _VALUE.get(token[start : start + 2])
            if pair is None:
                return None
            number = number * _PAIR_COUNT + pair
        number = (number - self._offset) * _INVERSE % _SPACE
        return Place(*divmod(number, PLACES)) if number < self._limit else None
