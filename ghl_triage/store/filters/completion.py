"""What the word under the cursor could become."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ghl_triage.store.filters.qualifiers import QUALIFIERS
from ghl_triage.store.filters.query import quoted_value

_LAST_WORD = re.compile(r'(?:[^\s"]|"(?:[^"\\]|\\.)*(?:"|$))*\Z', re.DOTALL)
_QUALIFIED = re.compile(r"(-?)([A-Za-z][A-Za-z_-]*):(.*)", re.DOTALL)
_MOST = 50


def complete(text: str, cursor: int, values: Mapping[str, Sequence[str]] | None = None) -> list[str]:
    """What the word that ends at `cursor` could become, likeliest first; `completed` puts one in.

    `values` are the values that occur, by qualifier, for those whose values no list knows (currencies, prices).
    """
    word = text[_start(text, cursor) : cursor]
    if '"' in word.partition(":")[0]:
        return []
    qualified = _QUALIFIED.match(word)
    if qualified is None:
        sign, name = ("-", word[1:]) if word.startswith("-") else ("", word)
        return [f"{sign}{each}:" for each in _matching(name, list(QUALIFIERS))]
    sign, name, written = qualified.groups()
    qualifier = QUALIFIERS.get(name.lower().replace("_", "-"))
    if qualifier is None:
        return []
    before, comma, last = written.rpartition(",")
    known = list(dict.fromkeys([*(values or {}).get(qualifier.name, ()), *qualifier.values]))
    head = f"{sign}{qualifier.name}:{before}{comma}"
    done = set(before.split(","))
    return [f"{head}{quoted_value(each)}" for each in _matching(last.lstrip('"'), known) if each not in done]


def completed(text: str, cursor: int, choice: str) -> tuple[str, int]:
    """The text with the word at the cursor replaced by one of the offers, and where the cursor stands then."""
    start = _start(text, cursor)
    tail = text[cursor:]
    gap = "" if choice.endswith(":") or tail[:1].isspace() else " "
    return f"{text[:start]}{choice}{gap}{tail}", start + len(choice) + len(gap)


def _start(text: str, cursor: int) -> int:
    found = _LAST_WORD.search(text, 0, cursor)
    return found.start() if found else cursor


def _matching(written: str, known: Sequence[str]) -> list[str]:
    wanted = written.lower().replace("-", "_")
    folded = [(each, each.lower().replace("-", "_")) for each in known]
    first = [each for each, plain in folded if plain.startswith(wanted)]
    then = [each for each, plain in folded if wanted in plain and not plain.startswith(wanted)]
    return (first + then)[:_MOST]
