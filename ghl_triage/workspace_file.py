"""What the consultant says about one workspace: a TOML file beside its store, to be read and edited by hand too.

::

    [[signatures]]                     # a kind of subscription, named once; what is left out may be anything
    name = "custom checkout v2"
    path = "api"                       # api, checkout, highlevel or unknown
    application = ""                   # "" means: none
    metadata = ["plan", "user_ref"]    # exactly these keys; [] means: none
    description = ""
    price = "price_course"
    note = "on the landing page since May"

    [acts]                             # what else acts on these customers, in the consultant's words
    retry_policy = "Smart Retries, 8 times in 2 weeks, then cancel"
    stripe_emails = "failed payments: on; expiring cards: off"
    highlevel_workflows = "Dunning 1 sends an SMS two days after a failure"

Keys that are not known here are left in peace: a newer program, or the consultant, may have a use for them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ghl_triage.errors import UsageError
from ghl_triage.model import LearnedName
from ghl_triage.model import Path as SoldThrough

SIGNATURES, ACTS = "signatures", "acts"
_HINT = "Mend the line, or move the file away."
_HEADER = re.compile(r"\s*\[\[\s*(?:signatures|'signatures'|\"signatures\")\s*\]\]")
_LARGEST = 1_000_000
"""Bytes of a file that people write; what is larger is no such file."""


@dataclass(frozen=True, slots=True)
class Acts:
    """What else acts on these customers, in the consultant's own words; empty where he has not said."""

    retry_policy: str = ""
    stripe_emails: str = ""
    highlevel_workflows: str = ""


@dataclass(frozen=True, slots=True)
class WorkspaceFile:
    """The file as it was read. `names` are in the order of the file."""

    names: tuple[LearnedName, ...] = ()
    acts: Acts = field(default_factory=Acts)


def beside(database: Path) -> Path:
    """Where the file of this store lies."""
    return database.with_suffix(".toml")


def load(path: Path) -> WorkspaceFile:
    """The file's words; none where there is no file. Raises UsageError that names the file and the line."""
    text = read_text(path)
    return read(path, text) if text else WorkspaceFile()


def read_text(path: Path) -> str:
    """The file as it stands, empty where there is none. Raises UsageError."""
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{path} is too large to be a file of names.", hint="Move it away.")
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "it is no UTF-8 text"
        raise UsageError(f"{path} cannot be read: {why}.", hint="Mend it or move it away.") from fault


def read(path: Path, text: str) -> WorkspaceFile:
    """What a text says; `path` is named in errors."""
    import tomllib

    from ghl_triage.secrets.hiding import shows

    for number, said in enumerate(text.splitlines(), start=1):
        if shows(said):
            raise UsageError(f"{path}, line {number}: a secret stands in the file.", hint="Take it out.")
    try:
        written = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        found = re.search(r"\(at line (\d+), column \d+\)", str(fault))
        line = int(found[1]) if found else max(1, len(text.splitlines()))
        said = re.sub(r"\s*\(at .*\)$", "", str(fault))
        raise UsageError(f"{path}, line {line}: {said}.", hint=_HINT) from fault
    entries, acts = written.get(SIGNATURES, []), written.get(ACTS, {})
    place = _Place(path, text)
    if not isinstance(entries, list):
        raise place.wrong("`signatures` must be a list of tables, each headed [[signatures]]")
    if not isinstance(acts, dict):
        raise place.wrong("`acts` must be a table, headed [acts]")
    names = tuple(_name(entry, place.of_entry(number)) for number, entry in enumerate(entries))
    return WorkspaceFile(names, Acts(**{item.name: _words(acts, item.name, place) for item in fields(Acts)}))


def lines_of_entries(text: str) -> list[int]:
    """The line numbers, from 0, of the headings of all signatures."""
    return [number for number, line in enumerate(text.splitlines()) if _HEADER.match(line)]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the file something stands; `first` is the line, from 0, from which its keys are looked for."""

    path: Path
    text: str
    first: int = 0

    def of_entry(self, number: int) -> _Place:
        headings = lines_of_entries(self.text)
        return _Place(self.path, self.text, headings[number] if number < len(headings) else 0)

    def wrong(self, what: str, key: str = "") -> UsageError:
        pattern = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*=""")
        lines = self.text.splitlines()
        found = (number for number in range(self.first, len(lines)) if key and pattern.match(lines[number]))
        return UsageError(f"{self.path}, line {next(found, self.first) + 1}: {what}.", hint=_HINT)


def _name(entry: object, place: _Place) -> LearnedName:
    if not isinstance(entry, dict):
        raise place.wrong("a signature must be a table, headed [[signatures]]")
    name = _text(entry, "name", place)
    if not name:
        raise place.wrong("a signature needs a `name`", "name")
    path = _text(entry, "path", place)
    if path not in tuple(SoldThrough):
        raise place.wrong(f"`path` must be one of {', '.join(SoldThrough)}", "path")
    keys = entry.get("metadata")
    if keys is not None and not (isinstance(keys, list) and all(isinstance(key, str) for key in keys)):
        raise place.wrong("`metadata` must be a list of keys", "metadata")
    return LearnedName(
        name=name,
        path=SoldThrough(path),
        application=_text(entry, "application", place),
        metadata=None if keys is None else tuple(sorted(set(keys))),
        description=_text(entry, "description", place),
        price=_text(entry, "price", place),
        note=_text(entry, "note", place) or "",
    )


def _text(table: Mapping[str, Any], key: str, place: _Place) -> str | None:
    value = table.get(key)
    if value is None or isinstance(value, str):
        return value
    raise place.wrong(f"`{key}` must be a text in quotes", key)


def _words(table: Mapping[str, Any], key: str, place: _Place) -> str:
    """A text, or a list of texts, which is read as one."""
    value = table.get(key, "")
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return _text(table, key, place) or ""
