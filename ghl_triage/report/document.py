"""A report as blocks of text, tables and charts: laid out once, rendered as Markdown, HTML and on the terminal.

All text is plain: each renderer escapes it for its format. Numbers stand in the blocks as they are to be read, so that
every format shows the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Heading:
    """A title; level 2 is a section, 3 a part of one. Level 1 is the document's own."""

    text: str
    level: Literal[2, 3] = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text. `tone` strong is a conclusion, note is small print."""

    text: str
    tone: Literal["plain", "strong", "note"] = "plain"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; `ordered` numbers it."""

    items: tuple[str, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """Source code, as it is."""

    text: str
    language: str = "python"


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title; figures stand to the right."""

    title: str
    align: Literal["left", "right"] = "left"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts. Every row has a text for each column. `note` stands below it."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: `value` sets its length; `text` is what it reads; `low` and `high` draw an interval where given."""

    label: str
    value: float
    text: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars under each other on one scale from 0 to `top` (None: the greatest value)."""

    title: str
    bars: tuple[Bar, ...]
    top: float | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart: a value for each label, None where there is none; `texts` are the values as they read."""

    label: str
    values: tuple[float | None, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineChart:
    """Lines over the same labels (weeks), from 0 to `top` (None: the greatest value)."""

    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    top: float | None = None


Block: TypeAlias = Heading | Paragraph | Bullets | Code | Table | BarChart | LineChart


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report: its title, one line on what it is about and when it was made, and its blocks in order."""

    title: str
    subtitle: str
    blocks: tuple[Block, ...]
