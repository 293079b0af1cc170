"""The signatures that occur, kept beside the cases, so that a hundred thousand of them are counted in an instant."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ghl_triage.diagnosis.signatures import first_match
from ghl_triage.model import Case, Confidence, LearnedName, Path, Signature
from ghl_triage.store.statements import chunks, marks

EXAMPLES = 3
MOST_LISTED = 500
"""Signatures in one list, the most frequent first: a client that writes ids into keys may have thousands."""


@dataclass(frozen=True, slots=True)
class FoundSignature:
    """A signature with the number of its cases, how the rules attribute them now, and its newest subscriptions."""

    signature: Signature
    count: int
    attributed: tuple[tuple[Path, Confidence, int], ...]
    examples: tuple[str, ...]


def write_signatures(connection: sqlite3.Connection, cases: Iterable[Case]) -> None:
    """Keep the signatures of cases that stand in the store, inside the caller's transaction."""
    known: dict[Signature, int] = {}
    rows = []
    for case in cases:
        if case.signature is not None:
            number = known.get(case.signature) or _number(connection, case.signature)
            known[case.signature] = number
            rows.append((number, case.path, case.path_confidence, case.created, case.subscription))
    connection.executemany(_PUT, rows)


_PUT = """INSERT OR REPLACE INTO signatures_of_cases (row, signature, path, confidence, created)
    SELECT row, ?, ?, ?, ? FROM cases WHERE subscription = ?"""
_SHAPE = "application, metadata, description, price"


def _number(connection: sqlite3.Connection, signature: Signature) -> int:
    shape = (signature.application, json.dumps(signature.metadata), signature.description, signature.price)
    connection.execute(f"INSERT OR IGNORE INTO signatures ({_SHAPE}) VALUES (?, ?, ?, ?)", shape)  # noqa: S608
    found = connection.execute(f"SELECT id FROM signatures WHERE ({_SHAPE}) = (?, ?, ?, ?)", shape)  # noqa: S608
    return int(found.fetchone()[0])


def found_signatures(connection: sqlite3.Connection, limit: int = MOST_LISTED) -> list[FoundSignature]:
    """The signatures that cases have, the most frequent first."""
    attributed: dict[int, list[tuple[Path, Confidence, int]]] = {}
    for number, path, confidence, count in connection.execute(
        """SELECT signature, path, confidence, count(*) FROM signatures_of_cases
           GROUP BY signature, path, confidence ORDER BY count(*) DESC, path, confidence"""
    ):
        attributed.setdefault(number, []).append((Path(path), Confidence(confidence), count))
    counts = {number: sum(count for _, _, count in parts) for number, parts in attributed.items()}
    listed = sorted(counts, key=lambda number: (-counts[number], number))[:limit]
    shapes = _shapes(connection, listed)
    return [
        FoundSignature(shapes[number], counts[number], tuple(attributed[number]), _examples(connection, number))
        for number in listed
    ]


def _examples(connection: sqlite3.Connection, number: int) -> tuple[str, ...]:
    rows = connection.execute(
        """SELECT subscription FROM signatures_of_cases AS s JOIN cases USING (row)
           WHERE s.signature = ? ORDER BY s.created DESC, row LIMIT ?""",
        (number, EXAMPLES),
    )
    return tuple(subscription for (subscription,) in rows)


def _shapes(connection: sqlite3.Connection, numbers: Sequence[int] | None = None) -> Mapping[int, Signature]:
    rows: list[tuple[int, str, str, str, str]] = []
    if numbers is None:
        rows = connection.execute(f"SELECT id, {_SHAPE} FROM signatures").fetchall()  # noqa: S608
    for part in chunks(numbers or ()):
        rows += connection.execute(
            f"SELECT id, {_SHAPE} FROM signatures WHERE id IN ({marks(part)})",  # noqa: S608
            part,
        ).fetchall()
    return {
        number: Signature(application, tuple(json.loads(keys)), description, price)
        for number, application, keys, description, price in rows
    }


def renamed_customers(
    connection: sqlite3.Connection, old: Sequence[LearnedName], new: Sequence[LearnedName]
) -> set[str]:
    """The customers with a subscription that the new names call otherwise than the old ones did."""
    before, after = [replace(each, note="") for each in old], [replace(each, note="") for each in new]
    if before == after:
        return set()
    renamed = [
        number
        for number, shape in _shapes(connection).items()
        if first_match(before, shape) != first_match(after, shape)
    ]
    return {
        customer
        for part in chunks(renamed)
        for (customer,) in connection.execute(
            f"""SELECT DISTINCT customer FROM signatures_of_cases AS s JOIN cases USING (row)
                WHERE s.signature IN ({marks(part)})""",  # noqa: S608
            part,
        )
    }


def application_names(connection: sqlite3.Connection) -> dict[str, str]:
    """The names of Connect applications, by id."""
    rows = connection.execute(
        "SELECT id, json_extract(json, '$.name') FROM objects WHERE kind = 'application' AND customer IS NULL"
    )
    return {identity: str(name) for identity, name in rows if name}
