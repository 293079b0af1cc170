"""The part "When it began": steps, and every path by week of sign-up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from ghl_triage.report.audit.audit import Audit
from ghl_triage.report.audit.beginning import LEAST_SIDE, Step, Week, WeeklySeries
from ghl_triage.report.display import NONE, Display, day_text, days_in_order, p_text, path_name, percent, rate_text
from ghl_triage.report.document import Block, Bullets, Heading, LineChart, Paragraph, Series
from ghl_triage.text import clean

PriceNames: TypeAlias = Mapping[str, str]
"""By price, what a reader calls it."""
MOST_PRICES = 4
"""Prices of a path that are shown week by week; the steps are looked for in all."""


def blocks(audit: Audit, display: Display) -> Iterator[Block]:
    """When it began: the steps, then every path by week."""
    if not audit.beginning:
        return
    names = price_names(audit.beginning, display)
    yield Heading("When it began")
    yield Paragraph(
        "First charges that did not come through (refused, or with nothing to charge), by the week in which the trial "
        "began. A deploy that broke a checkout shows as a step."
    )
    steps = step_sentences(audit.beginning, names)
    if steps:
        yield Bullets(steps)
    else:
        yield Paragraph("No step stands out from chance in any path or price.")
    few = [each for each in audit.beginning if each.price is None and _due(each) < 2 * LEAST_SIDE]
    for series in audit.beginning:
        if series.price is None and series not in few:
            prices = [each for each in audit.beginning if each.path is series.path and each.price is not None]
            prices.sort(key=lambda each: (-_due(each), each.price or ""))
            yield from _path(series, prices, names)
    if few:
        told = ", ".join(f"{path_name(each.path)} ({_due(each):,})" for each in few)
        yield Paragraph(f"Too few first charges to be shown week by week: {told}.", "note")
    yield Paragraph(
        f"How a step is found: every week with at least {LEAST_SIDE} first charges before and after it is tried with "
        "Fisher's exact test, in each path and each price, and p is multiplied by the number of weeks tried. A slow "
        "slide would show as a step too: the weeks beside it tell.",
        "note",
    )


def price_names(series: Sequence[WeeklySeries], display: Display) -> PriceNames:
    """Prices as their amounts; where two ask for the same, with the end of their ids."""
    amounts = {
        each.price: display.one(each.amount, each.currency)
        for each in series
        if each.price and each.amount is not None and each.currency is not None
    }
    shared = Counter(amounts.values())
    return {
        price: f"{amount} (…{clean(price)[-4:]})" if shared[amount] > 1 else amount for price, amount in amounts.items()
    }


def step_sentences(series: Sequence[WeeklySeries], names: PriceNames) -> tuple[str, ...]:
    """Each step that numbers bear, in a sentence."""
    return tuple(_sentence(each, step, names) for each in series for step in each.steps)


def _sentence(series: WeeklySeries, step: Step, names: PriceNames) -> str:
    turn = "more fail" if step.worse else "fewer fail"
    where = path_name(series.path) + (f", price {_price(series, names)}" if series.price is not None else "")
    return (
        f"{where}: from the week of {day_text(step.week)} on {turn}: {rate_text(step.since)}; "
        f"before {rate_text(step.before)} ({p_text(step.p)}, corrected for {step.tried} weeks tried)."
    )


def _price(series: WeeklySeries, names: PriceNames) -> str:
    return names.get(series.price or "", clean(series.price or "") or "unknown price")


def _due(series: WeeklySeries) -> int:
    return sum(week.due for week in series.weeks)


def _path(series: WeeklySeries, prices: Sequence[WeeklySeries], names: PriceNames) -> Iterator[Block]:
    weeks = _filled(series)
    shown = prices[:MOST_PRICES]
    lines = [Series("all prices" if shown else path_name(series.path), *_line(series.weeks, weeks, _total))]
    lines += [Series(_price(each, names), *_line(each.weeks, weeks, _cell)) for each in shown]
    yield LineChart(
        f"{path_name(series.path)}: share that did not come through, by week of sign-up",
        days_in_order(series.weeks[place].week for place in weeks),
        tuple(lines),
        1.0,
    )
    if shown:
        yield Paragraph(_ids(shown, prices, names), "note")


def _ids(shown: Sequence[WeeklySeries], prices: Sequence[WeeklySeries], names: PriceNames) -> str:
    """Which prices the lines are."""
    told = ", ".join(f"{_price(each, names)} is {clean(each.price or 'not known')}" for each in shown)
    more = f" The {len(shown)} prices with most first charges of {len(prices)}." if len(prices) > len(shown) else ""
    return f"Prices: {told}.{more}"


def _filled(series: WeeklySeries) -> list[int]:
    """The weeks from the first in which something came due to the last one."""
    places = [place for place, week in enumerate(series.weeks) if week.due]
    return list(range(min(places), max(places) + 1)) if places else []


def _line(
    weeks: Sequence[Week], places: Sequence[int], text: Callable[[Week], str]
) -> tuple[tuple[float | None, ...], tuple[str, ...]]:
    shown = [weeks[place] for place in places]
    return tuple(week.failed / week.due if week.due else None for week in shown), tuple(map(text, shown))


def _total(week: Week) -> str:
    return f"{_cell(week)}, {percent(week.failed / week.due)}" if week.due else NONE


def _cell(week: Week) -> str:
    return f"{week.failed:,} of {week.due:,}" if week.due else NONE
