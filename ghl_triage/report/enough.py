"""How much more of the same data would have an answer."""

from __future__ import annotations

from collections.abc import Callable

FIRST = 2.0
PRECISION = 64
"""The answer is right to one part in so many."""


def smallest_multiple(answered: Callable[[float], bool], most: float) -> float | None:
    """The smallest multiple of the data of which `answered` holds, by doubling and halving; None beyond `most`."""
    enough = FIRST
    while not answered(enough):
        enough *= 2
        if enough > most:
            return None
    too_little = enough / 2
    while enough - too_little > enough / PRECISION:
        middle = (enough + too_little) / 2
        if answered(middle):
            enough = middle
        else:
            too_little = middle
    return enough
