"""A table in lines of text: columns side by side where they fit, wrapped where that helps, else row under row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from ghl_triage.report.document import Column, Table
from ghl_triage.report.lines import Look, Piece, Row, row, titled, wrapped
from ghl_triage.text import fit, harmless

_GAPS = (2, 1)
"""Cells between two columns, and where room is short."""
_WORD = 14
"""Cells of a word that a column keeps whole; longer ones (ids, addresses) are broken where room is short."""


def table_rows(table: Table, width: int) -> Iterator[Row]:
    """The table in lines of at most `width` cells."""
    yield from titled(table.title, width)
    titles = [harmless(column.title) for column in table.columns]
    cells = [[harmless(text) for text in texts] for texts in table.rows]
    gap, widths = _widths(table.columns, titles, cells, width)
    if widths is None:
        yield from _under_each_other(titles, cells, width)
    else:
        yield from _side_by_side(table.columns, titles, cells, widths, gap)
    note = harmless(table.note)
    if note:
        yield from (row(part, Look.NOTE) for part in wrapped(note, width))


def _widths(
    columns: Sequence[Column], titles: Sequence[str], cells: Sequence[Sequence[str]], width: int
) -> tuple[int, list[int] | None]:
    """The gap between the columns and the width of each; None where they do not fit beside each other at all.

    Figures are broken last, and only at spaces.
    """
    texts = [[title, *(line[number] for line in cells)] for number, title in enumerate(titles)]
    widest = [max(map(cell_len, column)) for column in texts]
    whole = [
        _least(column.align == "right", title, text) for column, title, text in zip(columns, titles, texts, strict=True)
    ]
    broken = [_longest_word(column) for column in texts]
    for gap, least in ((_GAPS[0], whole), (_GAPS[1], whole), (_GAPS[1], broken)):
        room = width - gap * (len(columns) - 1)
        if sum(least) <= room:
            return gap, _shrunk(widest, least, room)
    return _GAPS[0], None


def _least(figures: bool, title: str, texts: Sequence[str]) -> int:
    if not figures:
        return _longest_word(texts)
    return max(_longest_word([title]), *map(cell_len, texts[1:]), 1)


def _longest_word(texts: Sequence[str]) -> int:
    return max((min(_WORD, cell_len(word)) for text in texts for word in text.split()), default=1)


def _shrunk(widest: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Take from the widest columns first, none below its least, until all fit."""
    widths = [max(wide, low) for wide, low in zip(widest, least, strict=True)]
    over = sum(widths) - room
    while over > 0:
        largest = max(wide for wide, low in zip(widths, least, strict=True) if wide > low)
        chosen = [number for number, wide in enumerate(widths) if wide == largest and wide > least[number]]
        below = max((wide for wide in widths if wide < largest), default=0)
        for number in chosen:
            cut = min(over, largest - max(below, least[number]), -(-over // len(chosen)))
            widths[number] -= cut
            over -= cut
    return widths


def _side_by_side(
    columns: Sequence[Column], titles: Sequence[str], cells: Sequence[Sequence[str]], widths: Sequence[int], gap: int
) -> Iterator[Row]:
    yield from _record(columns, titles, widths, gap, Look.NOTE)
    yield row("─" * (sum(widths) + gap * (len(widths) - 1)), Look.RULE)
    tall_before = False
    for number, texts in enumerate(cells):
        record = list(_record(columns, texts, widths, gap, Look.TEXT))
        tall = len(record) > 1
        if number and (tall or tall_before):
            yield ()
        yield from record
        tall_before = tall


def _record(
    columns: Sequence[Column], texts: Sequence[str], widths: Sequence[int], gap: int, look: Look
) -> Iterator[Row]:
    cells = [wrapped(text, width) for text, width in zip(texts, widths, strict=True)]
    for index in range(max(map(len, cells), default=0)):
        parts = [
            fit(lines[index] if index < len(lines) else "", width, right=column.align == "right")
            for lines, width, column in zip(cells, widths, columns, strict=True)
        ]
        yield row((" " * gap).join(parts).rstrip(), look)


def _under_each_other(titles: Sequence[str], cells: Sequence[Sequence[str]], width: int) -> Iterator[Row]:
    if not cells:
        yield from (row(part, Look.NOTE) for part in wrapped(", ".join(titles), width))
    lead = min(max(map(cell_len, titles), default=0), width // 3)
    for number, texts in enumerate(cells):
        if number:
            yield ()
        for title, text in zip(titles, texts, strict=True):
            names, values = wrapped(title, lead), wrapped(text, width - lead - _GAPS[0])
            for index in range(max(len(names), len(values))):
                name = fit(names[index] if index < len(names) else "", lead)
                value = values[index] if index < len(values) else ""
                yield Piece(name + " " * _GAPS[0], Look.NOTE), Piece(value)
