"""The sentences of the conversion report, made of its numbers."""

from __future__ import annotations

from collections.abc import Mapping

from ghl_triage.report.contrast import WORTH_KNOWING, Answer, Contrast
from ghl_triage.report.conversion.numbers import BeforeAndAfter
from ghl_triage.report.display import difference_text, p_text, percent, ratio_text
from ghl_triage.report.rates import Comparison, Rate
from ghl_triage.text import plural

_POINTS = f"{100 * WORTH_KNOWING:.0f} points"
_DIFFERENCES: Mapping[Answer, str] = {
    Answer.HIGHER: "The difference is real: chance alone would hardly make one like it.",
    Answer.LOWER: "The difference is real, and to the better: chance alone would hardly make one like it.",
    Answer.ALIKE: f"No difference worth speaking of: it is surely less than {_POINTS} either way.",
    Answer.NOT_ENOUGH_DATA: "Not enough data to say whether there is a difference.",
}
_CHANGES: Mapping[Answer, str] = {
    Answer.HIGHER: "It is worse since then, and not by chance.",
    Answer.LOWER: "The fix works: chance alone would hardly make such a difference.",
    Answer.ALIKE: f"No change worth speaking of: it is surely less than {_POINTS} either way.",
    Answer.NOT_ENOUGH_DATA: "Not enough data to say whether it changed.",
}


def against_sentence(said: Contrast, first: str, second: str) -> str:
    """Whether one group differs from the one that all are measured by."""
    rates = f"{first}: {_of(said.first)} not paid at the first try, against {_of(said.second)} on {second}"
    return f"{_measured(rates, said)} {_DIFFERENCES[said.answer]}{_missing(said, f'on {first}', f'on {second}')}"


def fix_sentence(found: BeforeAndAfter, name: str) -> str:
    """Whether trials that began after the fix differ from those before."""
    said, running = found.contrast, found.running
    waiting = f" {plural(running, 'trial')} that began after it {'has' if running == 1 else 'have'} yet to end."
    rest = waiting if running else ""
    if not said.first.of or not said.second.of:
        sides = [side for side, rate in (("before", said.second), ("after", said.first)) if not rate.of]
        return f"{name}: no trial that began {' or '.join(sides)} the fix was due yet.{_missing_side(said)}{rest}"
    rates = f"{name}: {_of(said.first)} not paid at the first try after the fix, against {_of(said.second)} before"
    return f"{_measured(rates, said)} {_CHANGES[said.answer]}{_missing_after(said)}{rest}"


def _of(rate: Rate) -> str:
    return f"{percent(rate.share)} ({rate.count:,} of {rate.of:,})"


def _measured(rates: str, said: Contrast) -> str:
    return f"{rates}. {_measure(said.compared)}" if said.compared is not None else f"{rates}."


def _measure(found: Comparison) -> str:
    rough = " A count of none, or of all, makes the ratio a rough one." if found.ratio.corrected else ""
    return f"Ratio {ratio_text(found)}, difference {difference_text(found)}, {p_text(found.p)}.{rough}"


def _missing(said: Contrast, first: str, second: str) -> str:
    """How much more would tell."""
    if said.answer is not Answer.NOT_ENOUGH_DATA:
        return ""
    if said.missing is None:
        return " The two are so near to each other that no number of trials within reach would tell."
    more = f"about {said.missing.first:,} more trials {first} and {said.missing.second:,} more {second}"
    return f" If the rates stay as they are, {more} would tell."


def _missing_after(said: Contrast) -> str:
    """The same where the second side is over, as the time before a fix is."""
    if said.answer is not Answer.NOT_ENOUGH_DATA:
        return ""
    if said.missing is None:
        return " With so few trials before the fix, or so small a change, no number of later ones would tell."
    return f" If the rate stays as it is, about {said.missing.first:,} more trials after the fix would tell."


def _missing_side(said: Contrast) -> str:
    if said.missing is None:
        return ""
    return f" About {said.missing.first:,} of them would show a change of {_POINTS}." if said.second.of else ""
