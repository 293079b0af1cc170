"""Who the customers are: a name and an e-mail address for each cell, drawn by the cell's number.

The addresses lie on reserved domains and end in the cell's number, written in base 36 after a dot: nobody has the
address of somebody else by chance, and a look-up by e-mail needs no table.
"""

from __future__ import annotations

import random
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
    dice = random.Random(seed * 1_000_003 + cell)  # noqa: S311  a repeatable world, not a secret
    name = _name(dice, cell)
    domain = f"{dice.choice(COMPANIES)}.{dice.choice(DOMAINS)}"
    return Person(name, f"{_mailbox(name)}.{_base36(cell)}@{domain}", f"+1202555{cell % 10000:04d}")


def cell_of_email(email: str) -> int | None:
    """The number of the cell whose address this could be; None where it has not the form of our addresses."""
    match = _ADDRESS.search(email)
    return int(match[1], 36) if match else None


def _name(dice: random.Random, cell: int) -> str:
    if cell < len(HOSTILE):
        return HOSTILE[cell]
    lot = dice.random()
    if lot < 0.0125:
        return dice.choice(HOSTILE)
    if lot < 0.02:
        return dice.choice(LONG)
    if lot < 0.22:
        return dice.choice(OTHER_SCRIPTS)
    return f"{dice.choice(LATIN_GIVEN)} {dice.choice(LATIN_FAMILY)}"


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
