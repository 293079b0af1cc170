"""Who the customers are: a name and an e-mail address for each cell, drawn by the cell's number.

The addresses lie on reserved domains and end in the cell's number, written in base 36 after a dot: nobody has the
address of somebody else by chance, and a look-up by e-mail needs no table.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from ghl_triage.sandbox.world.names import (
    COMPANIES,
    DOMAINS,
    HOSTILE,
    LATIN_FAMILY,
    LATIN_GIVEN,
    LONG,
    OTHER_SCRIPTS,
)

_MASK = (1 << 64) - 1
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_ADDRESS = re.compile(r"\.([0-9a-z]+)@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Person:
    """A customer as he calls himself. `phone` is a number of the range kept for fiction."""

    name: str
    email: str
    phone: str


def person(seed: int, cell: int) -> Person:
    """The person of a cell: about one name in five is not in Latin letters, one in eighty is hostile."""
    lot = _lot(seed, cell)
    name = _name(cell, lot)
    domain = f"{COMPANIES[lot // 7 % len(COMPANIES)]}.{DOMAINS[lot // 97 % len(DOMAINS)]}"
    return Person(name, f"{_mailbox(name)}.{_base36(cell)}@{domain}", f"+1202555{cell % 10000:04d}")


def cell_of_email(email: str) -> int | None:
    """The number of the cell whose address this could be; None where it has not the form of our addresses."""
    match = _ADDRESS.search(email)
    return int(match[1], 36) if match else None


def _lot(seed: int, cell: int) -> int:
    """A large number drawn for a cell (splitmix64): cheap, and the same on every machine."""
    mixed = (seed * 0x632BE59BD9B4E019 + (cell + 1) * 0x9E3779B97F4A7C15) & _MASK
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB & _MASK
    return mixed ^ (mixed >> 31)


def _name(cell: int, lot: int) -> str:
    if cell < len(HOSTILE):
        return HOSTILE[cell]
    kind, turn = lot % 10_000, lot // 10_000
    if kind < 125:
        return HOSTILE[turn % len(HOSTILE)]
    if kind < 200:
        return LONG[turn % len(LONG)]
    if kind < 2_200:
        return OTHER_SCRIPTS[turn % len(OTHER_SCRIPTS)]
    given, family = divmod(turn, len(LATIN_FAMILY))
    return f"{LATIN_GIVEN[given % len(LATIN_GIVEN)]} {LATIN_FAMILY[family]}"


def _mailbox(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z]+", plain.lower())
    return ".".join(words[:2])[:24].rstrip(".") or "customer"


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
        if not number:
            return digits
