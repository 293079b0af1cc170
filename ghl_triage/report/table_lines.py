"""A table in lines of text: columns side by side where they fit, wrapped where that helps, else row under row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ghl_triage.report.document import Column, Table
from ghl_triage.report.lines import Look, Piece, Row, figures, row, titled, wrapped
from ghl_triage.text import cells_of, fit, harmless

_GAPS = (2, 1)
"""Cells between two columns, and where room is short."""
_WORD = 16
"""Cells of a word that a column keeps whole; longer ones (ids, addresses) are broken where room is short."""


def table_rows(table: Table, width: int) -> Iterator[Row]:
    """The table in lines of at most `width` cells."""
    yield from titled(table.title, width)
    titles = [harmless(column.title) for column in table.columns]
    right = [column.align == "right" for column in table.columns]
    cells = [
        [figures(harmless(text)) if figure else harmless(text) for figure, text in zip(right, texts, strict=True)]
        for texts in table.rows
    ]
    found = _widths(table.columns, titles, cells, width)
    if found is None:
        yield from _under_each_other(titles, cells, width)
    else:
        gap, widths = found
        yield from _side_by_side(table.columns, titles, cells, widths, gap)
    note = harmless(table.note)
    if note:
        if found is None or any(_height([texts], found[1]) > 1 for texts in cells[-1:]):
            yield ()
        yield from (row(part, Look.NOTE) for part in wrapped(note, width))


def _widths(
    columns: Sequence[Column], titles: Sequence[str], cells: Sequence[Sequence[str]], width: int
) -> tuple[int, list[int]] | None:
    """The gap between the columns and the width of each, those with the fewest lines; None where none fit.

    Titles are broken first, for that costs lines once; figures last, and only where `figures` lets them.
    """
    texts = [[line[number] for line in cells] for number in range(len(columns))]
    words = [_longest_word([title]) for title in titles]
    body = [max(word, *map(cells_of, column)) if column else word for word, column in zip(words, texts, strict=True)]
    fitting: list[tuple[int, list[int]]] = []
    for gap, breaks in ((_GAPS[0], False), (_GAPS[1], False), (_GAPS[1], True)):
        least = [
            _least(column.align == "right", word, text, breaks=breaks)
            for column, word, text in zip(columns, words, texts, strict=True)
        ]
        room = width - gap * (len(columns) - 1)
        if sum(least) <= room and not (breaks and fitting):
            fitting.append((gap, _grown(shrunk(body, least, room), titles, room)))
    return min(fitting, key=lambda found: _height(cells, found[1]), default=None)


def _least(figure: bool, word: int, texts: Sequence[str], *, breaks: bool) -> int:
    if not figure:
        return max(word, _longest_word(texts))
    parts = (part for text in texts for part in (text.split(" ") if breaks else [text]))
    return max(word, *map(cells_of, parts), 1)


def _grown(widths: list[int], titles: Sequence[str], room: int) -> list[int]:
    """Give what is left to the titles that need the least for standing in one line."""
    left = room - sum(widths)
    for number in sorted(range(len(titles)), key=lambda at: cells_of(titles[at]) - widths[at]):
        more = max(0, cells_of(titles[number]) - widths[number])
        if more <= left:
            widths[number] += more
            left -= more
    return widths


def _height(cells: Sequence[Sequence[str]], widths: Sequence[int]) -> int:
    """About how many lines the rows take."""
    return sum(max(-(-cells_of(text) // width) for text, width in zip(texts, widths, strict=True)) for texts in cells)


def _longest_word(texts: Sequence[str]) -> int:
    return max((min(_WORD, cells_of(word)) for text in texts for word in text.split()), default=1)


def shrunk(widest: Sequence[int], least: Sequence[int], room: int) -> list[int]:
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
    lead = min(max(map(cells_of, titles), default=0), width // 3)
    for number, texts in enumerate(cells):
        if number:
            yield ()
        for index, (title, text) in enumerate(zip(titles, texts, strict=True)):
            # What the row is about stands over it.
            if index == 0 and not title:
                yield from (row(part, Look.STRONG) for part in wrapped(text, width))
            else:
                yield from _named(title, text, lead, width)


def _named(title: str, text: str, lead: int, width: int) -> Iterator[Row]:
    names, values = wrapped(title, lead), wrapped(text, width - lead - _GAPS[0])
    for index in range(max(len(names), len(values))):
        name = fit(names[index] if index < len(names) else "", lead)
        value = values[index] if index < len(values) else ""
        yield Piece(name + " " * _GAPS[0], Look.NOTE), Piece(value)
