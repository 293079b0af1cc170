"""A sorted collection of whole numbers, in blocks: adding to a million costs about what adding to a thousand does."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator

_FULL = 1_024
_CHUNK = 128


class SortedKeys:
    """Keys in order, each once. Reading survives changes made between two steps of an iteration."""

    __slots__ = ("_blocks", "_tops", "size")

    def __init__(self) -> None:
        self._blocks: list[list[int]] = []
        self._tops: list[int] = []
        self.size = 0

    def add(self, key: int) -> None:
        """Adds a key that is not there yet."""
        self.size += 1
        if not self._blocks:
            self._blocks.append([key])
            self._tops.append(key)
            return
        at = min(bisect_left(self._tops, key), len(self._blocks) - 1)
        block = self._blocks[at]
        if key > block[-1]:
            block.append(key)
        else:
            insort(block, key)
        self._tops[at] = block[-1]
        if len(block) > _FULL:
            half = len(block) // 2
            self._blocks.insert(at + 1, block[half:])
            self._tops.insert(at, block[half - 1])
            del block[half:]

    def discard(self, key: int) -> None:
        """Takes a key out, if it is there."""
        at = bisect_left(self._tops, key)
        if at == len(self._blocks):
            return
        block = self._blocks[at]
        place = bisect_left(block, key)
        if block[place] != key:
            return
        del block[place]
        self.size -= 1
        if block:
            self._tops[at] = block[-1]
        else:
            del self._blocks[at], self._tops[at]

    def descending(self, below: int, floor: int) -> Iterator[int]:
        """Keys from just under `below` down to `floor` itself."""
        while chunk := self._under(below):
            for key in reversed(chunk):
                if key < floor:
                    return
                yield key
            below = chunk[0]

    def ascending(self, above: int, ceiling: int) -> Iterator[int]:
        """Keys from just over `above` up to, but without, `ceiling`."""
        while chunk := self._over(above):
            for key in chunk:
                if key >= ceiling:
                    return
                yield key
            above = chunk[-1]

    def _under(self, below: int) -> list[int]:
        at = min(bisect_left(self._tops, below), len(self._blocks) - 1)
        if at < 0:
            return []
        place = bisect_left(self._blocks[at], below)
        if place == 0:
            if at == 0:
                return []
            at -= 1
            place = len(self._blocks[at])
        return self._blocks[at][max(0, place - _CHUNK) : place]

    def _over(self, above: int) -> list[int]:
        at = bisect_left(self._tops, above + 1)
        if at == len(self._blocks):
            return []
        place = bisect_left(self._blocks[at], above + 1)
        return self._blocks[at][place : place + _CHUNK]
