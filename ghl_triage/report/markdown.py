"""A report as GitHub-flavoured Markdown.

What stands in the blocks is text: none of it becomes markup, a link, HTML, or the end of a table's cell
(github.github.com/gfm: backslash escapes 2.4, tables 4.10, autolinks 6.9).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ghl_triage.report.chart_lines import drawn_bar, values_table
from ghl_triage.report.document import (
    BarChart,
    Block,
    Bullets,
    Code,
    Column,
    Document,
    Heading,
    LineChart,
    Paragraph,
    Table,
)
from ghl_triage.report.scale import share, top_of_bars, top_of_lines
from ghl_triage.text import code_lines, harmless

_BAR_CELLS = 20
_SMALL_BAR_CELLS = 8
_SPECIAL = re.compile(r"[\\`*\[\]<>|~#]|&(?=[A-Za-z#])|\$(?!\d)|(?<![^\W_])_|_(?![^\W_])")
_LINE_START = re.compile(r"^(?:[-+=:](?=$|[\s\-+=:])|\d+(?=[.)](?:\s|$)))")
_LINKED = re.compile(r".@.|@\w|://|www\.|(?:mailto|xmpp):", re.IGNORECASE)
_BREAKS_CODE = re.compile(r"([`|\\])")


def render(document: Document) -> str:
    """The whole document."""
    parts = [f"# {escaped(document.title)}", _styled(document.subtitle, "*")]
    parts += [part for block in document.blocks for part in _block(block)]
    return "\n\n".join(part for part in parts if part) + "\n"


def escaped(text: str) -> str:
    """Text that reads as it is, on one line, wherever it stands. A word that would become a link is set as code."""
    words = [_word(word) for word in harmless(text).split(" ")]
    return _LINE_START.sub(_guarded, " ".join(words))


def _guarded(start: re.Match[str]) -> str:
    found = start.group()
    return f"\\{found}" if not found.isdigit() else f"{found}\\"


def _word(word: str) -> str:
    if not _LINKED.search(word):
        return _SPECIAL.sub(r"\\\g<0>", word)
    # Neither a backtick nor a pipe can stand in code in a table: such a word is code between them.
    parts = _BREAKS_CODE.split(word)
    return "".join(f"`{part}`" if _LINKED.search(part) else _SPECIAL.sub(r"\\\g<0>", part) for part in parts if part)


def _styled(text: str, mark: str) -> str:
    shown = escaped(text)
    return f"{mark}{shown}{mark}" if shown else ""


def _block(block: Block) -> Iterator[str]:
    match block:
        case Heading():
            yield f"{'#' * block.level} {escaped(block.text)}"
        case Paragraph():
            yield _styled(block.text, {"strong": "**", "note": "*", "plain": ""}[block.tone])
        case Bullets():
            marks = (f"{number}." if block.ordered else "-" for number in range(1, len(block.items) + 1))
            yield "\n".join(f"{mark} {escaped(item)}" for mark, item in zip(marks, block.items, strict=True))
        case Code():
            yield _code(block)
        case Table():
            yield from _table(block)
        case BarChart():
            yield from _bars(block)
        case LineChart():
            yield from _lines(block)


def _code(code: Code) -> str:
    lines = code_lines(code.text)
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    language = re.sub(r"[^\w+-]", "", code.language, flags=re.ASCII)
    return "\n".join([f"{fence}{language}", *lines, fence])


def _table(table: Table) -> Iterator[str]:
    yield _styled(table.title, "**")
    yield _grid(table.columns, table.rows)
    yield _styled(table.note, "*")


def _grid(columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> str:
    if not columns:
        return ""
    rule = "|".join(" ---: " if column.align == "right" else " :--- " for column in columns)
    lines = [_record(column.title for column in columns), f"|{rule}|", *(_record(texts) for texts in rows)]
    return "\n".join(lines)


def _record(texts: Iterable[str]) -> str:
    return f"| {' | '.join(escaped(text) for text in texts)} |"


def _bars(chart: BarChart) -> Iterator[str]:
    yield _styled(chart.title, "**")
    top = top_of_bars(chart)
    rows = [(bar.label, drawn_bar(bar, top, _BAR_CELLS), bar.text) for bar in chart.bars]
    yield _grid((Column(""), Column(""), Column("", "right")), rows) if rows else ""


def _lines(chart: LineChart) -> Iterator[str]:
    yield _styled(chart.title, "**")
    top = top_of_lines(chart)
    table = values_table(chart)
    rows = []
    for number, texts in enumerate(table.rows):
        values = (one.values[number] for one in chart.series)
        bars = ("" if value is None else "█" * round(share(value, top) * _SMALL_BAR_CELLS) for value in values)
        drawn = (f"{bar} {text}".strip() for bar, text in zip(bars, texts[1:], strict=True))
        rows.append((texts[0], *drawn))
    yield _grid(table.columns, rows) if rows else ""
