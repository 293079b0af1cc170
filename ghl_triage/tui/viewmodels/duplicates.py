"""This customer and the others who may be the same person, side by side: what each has, whom HighLevel knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import zip_longest

from ghl_triage.model import Case, Cause, CustomerView, Likeness
from ghl_triage.text import card_label, clean, fit, words, wrap
from ghl_triage.tui.spans import Line, Span, Tone, line
from ghl_triage.tui.viewmodels.display import Display

DECIDING = frozenset({Cause.CARD_ON_DUPLICATE_CUSTOMER, Cause.DUPLICATE_SUBSCRIPTION})
"""Causes that cannot be understood without the other customer: there he stands before the history."""
_LIKE = {Likeness.EMAIL: "the same e-mail address", Likeness.CARD: "the same card"}
_LABEL = 10
_GAP = 2


def duplicate_lines(case: Case, display: Display, width: int) -> list[Line]:
    """A small table for each other customer; nothing where there is none."""
    own = case.own_customer
    if own is None:
        return []
    rows: list[Line] = []
    for other in case.duplicates:
        alike = " and ".join(_LIKE.get(likeness, words(likeness)) for likeness in other.alike)
        rows.append(line(Span("Duplicate customer", Tone.TITLE), Span(f"   {alike}", Tone.MUTED)))
        rows += _table(own, other, display, width)
        rows.append(())
    return rows[:-1]


def _table(own: CustomerView, other: CustomerView, display: Display, width: int) -> Iterator[Line]:
    cells = max(8, (width - _LABEL - _GAP) // 2)
    yield line(Span(" " * _LABEL), Span(fit("this customer", cells + _GAP), Tone.MUTED), Span("the other", Tone.MUTED))
    for label, told in _facts(display).items():
        left, right = _wrapped(told(own), cells), _wrapped(told(other), cells)
        name = label
        for one, two in zip_longest(left, right, fillvalue=""):
            yield line(Span(f"{name:<{_LABEL}}", Tone.MUTED), fit(one, cells + _GAP), two)
            name = ""


def _facts(display: Display) -> dict[str, Callable[[CustomerView], list[str]]]:
    return {
        "id": lambda one: [clean(one.id)],
        "e-mail": lambda one: [clean(one.email)],
        "name": lambda one: [clean(one.name)],
        "created": lambda one: [display.when(one.created) if one.created else ""],
        "made by": _makers,
        "cards": _cards,
        "open": _subscriptions,
        "HighLevel": lambda one: ["listed" if one.highlevel else "not listed"],
    }


def _wrapped(texts: list[str], cells: int) -> list[str]:
    return [row for text in texts for row in wrap(text or "–", cells)]


def _makers(one: CustomerView) -> list[str]:
    told = [clean(one.application)] if one.application else []
    told += [f"metadata {', '.join(map(clean, one.metadata))}"] if one.metadata else []
    return told or ["no application"]


def _cards(one: CustomerView) -> list[str]:
    told = [f"{card_label(card)}{', default' if card.id == one.default else ''}" for card in one.cards]
    if not told:
        return ["none" if one.cards_read else "not read"]
    return told


def _subscriptions(one: CustomerView) -> list[str]:
    return [f"{clean(sub.status)} {clean(sub.id)}" for sub in one.subscriptions] or ["none"]
