"""A report as lines of text: pieces that say how they look.

Readable without colour: what stands out does so by its place, a rule or a mark as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from ghl_triage.text import harmless, wrap

_NO_BREAK = "\u00a0"


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
    """Harmless text in lines of at most so many cells; a figure keeps its per cent sign."""
    glued = wrap(text.replace(" %", f"{_NO_BREAK}%"), cells)
    return [part.replace(_NO_BREAK, " ") for part in glued]


def titled(text: str, width: int) -> Iterator[Row]:
    """The title of a table or a chart; nothing where it has none."""
    title = harmless(text)
    if title:
        yield from (row(part, Look.STRONG) for part in wrapped(title, width))
