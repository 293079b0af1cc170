"""The geometry of the charts in HTML: what stands where, in the units of the drawing. No text is made here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ghl_triage.report.display import percent
from ghl_triage.report.document import BarChart, LineChart, Series
from ghl_triage.report.lines import figures, wrapped
from ghl_triage.report.scale import share, top_of_bars, top_of_lines
from ghl_triage.text import harmless

WIDTH = 720
_LABEL, _TEXT, _LINE = 190, 190, 17
_LABEL_LETTERS = 25
"""Letters of 13 units' type that surely fit into a label's room."""
_PAD, _BAR = 8, 14
_PLOT_LEFT, _PLOT_RIGHT, _PLOT_TOP, _PLOT_HEIGHT = 60, 170, 12, 190
_STEP_ROOM = 70
DASHES = ("", "8 4", "2 4", "10 3 2 3", "5 5", "14 4")
"""How lines differ without colour; beside it each has its name at its end and its own marks."""
MARKERS = ("circle", "square", "diamond", "cross", "triangle", "ring")


@dataclass(frozen=True, slots=True)
class DrawnBar:
    """One bar: texts in lines, a rectangle of `length`, whiskers from `low` to `high` where there is an interval."""

    y: float
    label: tuple[str, ...]
    text: tuple[str, ...]
    length: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class DrawnBars:
    """A bar chart; `told` is what a screen reader says."""

    title: str
    told: str
    height: float
    left: float
    right: float
    bars: tuple[DrawnBar, ...]


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """One line: its runs of points without a gap, its marks, and where its name stands."""

    label: str
    dash: str
    marker: str
    runs: tuple[str, ...]
    points: tuple[tuple[float, float], ...]
    name_y: float


@dataclass(frozen=True, slots=True)
class DrawnLines:
    """A line chart: its lines, and those labels below that have room, as (x, text).

    `peak` is what the greatest value reads: with the axis it gives the scale.
    """

    title: str
    height: float
    left: float
    right: float
    top: float
    bottom: float
    lines: tuple[DrawnLine, ...]
    ticks: tuple[tuple[float, str], ...]
    peak: str
    peak_y: float


def drawn_bars(chart: BarChart) -> DrawnBars:
    """A bar chart of `WIDTH` units: labels to the left, what the bars read to the right."""
    top, room = top_of_bars(chart), WIDTH - _LABEL - _TEXT
    y, bars, told = float(_PAD), [], []
    for bar in chart.bars:
        label, text = harmless(bar.label), harmless(bar.text)
        labels, texts = wrapped(label, _LABEL_LETTERS), wrapped(figures(text), _LABEL_LETTERS)
        low, high = (None if edge is None else share(edge, top) * room for edge in (bar.low, bar.high))
        bars.append(DrawnBar(y, tuple(labels), tuple(texts), share(bar.value, top) * room, low, high))
        told.append(f"{label}: {text}")
        y += max(len(labels), len(texts)) * _LINE + _PAD
    return DrawnBars(harmless(chart.title), "; ".join(told), y, _LABEL, WIDTH - _TEXT, tuple(bars))


def drawn_lines(chart: LineChart) -> DrawnLines:
    """A line chart of `WIDTH` units; the names of the lines stand at their right ends."""
    top, right = top_of_lines(chart), WIDTH - _PLOT_RIGHT
    bottom = _PLOT_TOP + _PLOT_HEIGHT
    places = _places(len(chart.labels), right)
    names = _name_places([_height_at_end(one, top) for one in chart.series])
    lines = tuple(
        _line(one, number, top, places, name_y)
        for number, (one, name_y) in enumerate(zip(chart.series, names, strict=True))
    )
    every = max(1, -(-len(places) * _STEP_ROOM // max(1, right - _PLOT_LEFT)))
    ticks = tuple(
        (place, harmless(label)) for place, label in list(zip(places, chart.labels, strict=True))[:: int(every)]
    )
    height = max(bottom + 2 * _LINE, max(names, default=0) + _LINE)
    peak, text = _peak(chart)
    return DrawnLines(
        harmless(chart.title),
        height,
        _PLOT_LEFT,
        right,
        _PLOT_TOP,
        bottom,
        lines,
        ticks,
        harmless(text),
        _height(peak, top),
    )


def _peak(chart: LineChart) -> tuple[float, str]:
    """The greatest value and how the edge names it: a share (of a scale to 1) in per cent, else as it reads."""
    values = [
        (value, text)
        for one in chart.series
        for value, text in zip(one.values, one.texts, strict=True)
        if value is not None
    ]
    peak, text = max(values, key=lambda value: value[0], default=(0.0, ""))
    return peak, percent(peak) if chart.top == 1 and values else text


def _places(count: int, right: float) -> list[float]:
    step = (right - _PLOT_LEFT - 24) / max(1, count - 1)
    return [round(_PLOT_LEFT + 12 + step * number, 1) for number in range(count)]


def _line(series: Series, number: int, top: float, places: Sequence[float], name_y: float) -> DrawnLine:
    runs = [[(places[at], _height(value, top)) for at, value in run] for run in _runs(series.values)]
    return DrawnLine(
        harmless(series.label),
        DASHES[number % len(DASHES)],
        MARKERS[number % len(MARKERS)],
        tuple(" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1),
        tuple(point for run in runs for point in run),
        name_y,
    )


def _runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    run: list[tuple[int, float]] = []
    for at, value in enumerate(values):
        if value is not None:
            run.append((at, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _height(value: float, top: float) -> float:
    return round(_PLOT_TOP + _PLOT_HEIGHT * (1 - share(value, top)), 1)


def _height_at_end(series: Series, top: float) -> float:
    last = next((value for value in reversed(series.values) if value is not None), 0.0)
    return _height(last, top)


def _name_places(wanted: Sequence[float]) -> list[float]:
    """The heights of the names, each near its line and none upon another."""
    placed = dict.fromkeys(range(len(wanted)), 0.0)
    free = 0.0
    for number in sorted(placed, key=lambda at: wanted[at]):
        placed[number] = max(wanted[number], free)
        free = placed[number] + _LINE
    return [placed[number] for number in range(len(wanted))]
