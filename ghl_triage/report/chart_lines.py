"""Charts in lines of text: bars with whiskers for intervals, lines as rows of small columns with their values below."""

from __future__ import annotations

from collections.abc import Iterator

from ghl_triage.report.document import Bar, BarChart, Column, LineChart, Series, Table
from ghl_triage.report.lines import Look, Piece, Row, figures, row, titled, wrapped
from ghl_triage.report.scale import share, top_of_bars, top_of_lines
from ghl_triage.report.table_lines import table_rows
from ghl_triage.text import cells_of, fit, harmless

_LONGEST_TRACK = 44
_LEAST_TRACK = 10
_BAR, _SLIVER = "▆", "▖"
_COLUMNS = "▁▂▃▄▅▆▇"
"""None of them as high as the line: the rows of a chart must not run into each other."""
_GAP = 2


def bar_rows(chart: BarChart, width: int) -> Iterator[Row]:
    """Each bar in one line (more where its label or text wraps): label, bar, what it reads."""
    yield from titled(chart.title, width)
    if not chart.bars:
        return
    labels = [harmless(bar.label) for bar in chart.bars]
    texts = [harmless(bar.text) for bar in chart.bars]
    lead = min(max(map(cells_of, labels)), width * 2 // 5 - _GAP)
    room = width - lead - 2 * _GAP
    track = max(_LEAST_TRACK, min(_LONGEST_TRACK, room - max(map(cells_of, texts))))
    top = top_of_bars(chart)
    for bar, label, text in zip(chart.bars, labels, texts, strict=True):
        names, values = wrapped(label, lead), wrapped(figures(text), max(1, room - track))
        for index in range(max(len(names), len(values))):
            name = fit(names[index] if index < len(names) else "", lead)
            drawn = fit("" if index else drawn_bar(bar, top, track), track)
            value = values[index] if index < len(values) else ""
            yield Piece(name + " " * _GAP), Piece(drawn + " " * _GAP, Look.BAR), Piece(value)


def drawn_bar(bar: Bar, top: float, cells: int) -> str:
    """A bar of at most so many cells; with an interval it ends in `├──●──┤`, the dot at the value."""
    filled = share(bar.value, top) * cells
    if bar.low is None or bar.high is None:
        return _BAR * round(filled) or (_SLIVER if filled else "")
    low, value, high = (
        min(cells - 1, int(share(edge, top) * cells))
        for edge in (min(bar.low, bar.high), bar.value, max(bar.low, bar.high))
    )
    drawn = [_BAR] * low + ["─"] * (high - low + 1)
    drawn[low], drawn[high] = "├", "┤"
    drawn[min(max(value, low), high)] = "●"
    return "".join(drawn)


def line_rows(chart: LineChart, width: int) -> Iterator[Row]:
    """A row of small columns for each line, its values in a table below."""
    yield from titled(chart.title, width)
    top = top_of_lines(chart)
    labels = [harmless(label) for label in chart.labels]
    lead = min(max((cells_of(harmless(one.label)) for one in chart.series), default=0), width // 3)
    # What is older than the line is wide stands in the table alone.
    newest = slice(max(0, len(labels) - (width - lead - _GAP)), None)
    for one in chart.series:
        names = wrapped(harmless(one.label), lead)
        for index, name in enumerate(names):
            drawn = _small_columns(one, top, newest) if index == 0 else ""
            yield Piece(fit(name, lead) + " " * _GAP), Piece(drawn, Look.BAR)
    if labels and chart.series:
        yield row(" " * (lead + _GAP) + _ends(labels[newest], width - lead - _GAP), Look.NOTE)
        yield ()
    yield from table_rows(values_table(chart), width)


def _small_columns(series: Series, top: float, part: slice) -> str:
    drawn = []
    for value in series.values[part]:
        drawn.append("·" if value is None else _COLUMNS[min(6, int(share(value, top) * 7))])
    return "".join(drawn)


def _ends(labels: list[str], room: int) -> str:
    """What stands under the first and the last small column."""
    first, last = labels[0], labels[-1]
    gap = len(labels) - cells_of(first) - cells_of(last)
    both = first if len(labels) == 1 else first + " " * gap + last if gap >= 1 else f"{first} – {last}"
    return both if cells_of(both) <= room else ""


def values_table(chart: LineChart) -> Table:
    """The values of a line chart as they read: a row for each label, a column for each line."""
    columns = (Column(""), *(Column(one.label, "right") for one in chart.series))
    rows = tuple((label, *(one.texts[number] for one in chart.series)) for number, label in enumerate(chart.labels))
    return Table("", columns, rows)
