"""A report as lines of text: pieces that say how they look.

Readable without colour: what stands out does so by its place, a rule or a mark as well.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from ghl_triage.text import cells_of, harmless, head

NO_BREAK = "\u00a0"


class Look(StrEnum):
    """How a piece of a line looks."""

    TEXT = "text"
    NOTE = "note"
    STRONG = "strong"
    TITLE = "title"
    BAR = "bar"
    RULE = "rule"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of one line, harmless text."""

    text: str
    look: Look = Look.TEXT


Row: TypeAlias = tuple[Piece, ...]


def row(text: str = "", look: Look = Look.TEXT) -> Row:
    """A line of one look."""
    return (Piece(text, look),) if text else ()


def wrapped(text: str, cells: int) -> list[str]:
    """Harmless text in lines of at most so many cells; a figure keeps its per cent sign.

    A word that is too long (an id, the path of a field) is broken after a dot or a bar where it has one.
    """
    words = [part for word in text.replace(" %", f"{NO_BREAK}%").split(" ") for part in _parts(word, max(2, cells))]
    lines: list[str] = []
    current = ""
    for part, goes_on in words:
        joined = current + part if goes_on or not current else f"{current} {part}"
        if current and cells_of(joined) > cells:
            lines.append(current)
            joined = part
        current = joined
    return [line.replace(NO_BREAK, " ") for line in (*lines, current)]


def _parts(word: str, cells: int) -> Iterator[tuple[str, bool]]:
    """The word in parts that fit, each with whether it goes on from the one before."""
    rest, goes_on = word, False
    while (room := len(head(rest, cells))) < len(rest):
        at = max((rest.rfind(mark, 0, room) + 1 for mark in "._/=-"), default=0)
        at = at if at > room // 3 else room
        yield rest[:at], goes_on
        rest, goes_on = rest[at:], True
    yield rest, goes_on


def figures(text: str) -> str:
    """Text of figures that breaks only where a new one begins: after a comma or a colon, before a bracket or a sign
    of money."""
    words = text.split(" ")
    kept = words[:1]
    for word in words[1:]:
        new = kept[-1][-1:] in (":", ",", ";") or word[:1] == "(" or unicodedata.category(word[:1] or " ") == "Sc"
        if new:
            kept.append(word)
        else:
            kept[-1] += NO_BREAK + word
    return " ".join(kept)


def titled(text: str, width: int) -> Iterator[Row]:
    """The title of a table or a chart; nothing where it has none."""
    title = harmless(text)
    if title:
        yield from (row(part, Look.STRONG) for part in wrapped(title, width))
