"""Where each key comes from, as the settings file's `[secrets]` says; a secret itself in that file is refused.

::

    [secrets]
    stripe_key = { command = "op read op://vault/stripe/key" }
    highlevel_token = { keyring = "ghl-triage" }               # the key's name is the user, unless `user` says another
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from ghl_triage.errors import UsageError
from ghl_triage.secrets.hiding import shows
from ghl_triage.secrets.known import VARIABLES

TABLE = "secrets"
SERVICE = "ghl-triage"
"""The service under which `ghl-triage keys set` stores."""
_HINT = (
    'Take it out, make a new one where it was made, and name where it comes from: { command = "op read …" } or '
    '{ keyring = "ghl-triage" }, or run `ghl-triage keys set NAME`.'
)
_NAMES = frozenset({*VARIABLES, *(variable.lower() for variable in VARIABLES.values())})
_FORM = '{ keyring = "ghl-triage" } or { command = "op read …" }'


@dataclass(frozen=True, slots=True)
class FromKeyring:
    """The system's keyring holds it, under this service and user."""

    service: str
    user: str

    def __str__(self) -> str:
        return f"keyring (service {self.service}, user {self.user})"


@dataclass(frozen=True, slots=True)
class FromCommand:
    """A program prints it; it is run without a shell."""

    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"command ({shlex.join(self.words)})"


Origin: TypeAlias = FromKeyring | FromCommand


def refuse_secrets(path: Path, text: str) -> None:
    """Raises UsageError where a line of a settings file holds what looks like a key, also in a comment."""
    for number, line in enumerate(text.splitlines(), start=1):
        if shows(line):
            raise UsageError(f"{path}, line {number}: a secret stands in the file.", hint=_HINT)


def refuse_named_secrets(path: Path, written: Mapping[str, Any]) -> None:
    """Raises UsageError where a key is given its value, whatever that looks like."""
    for name in _texts_named_like_keys(written):
        raise UsageError(f"{path}: a secret stands in the file, as `{name}`.", hint=_HINT)


def read_origins(path: Path, written: Mapping[str, Any]) -> dict[str, Origin]:
    """Where keys come from, by their names. Raises UsageError for what cannot be understood."""
    table = written.get(TABLE, {})
    if not isinstance(table, Mapping):
        raise UsageError(f"{path}: `{TABLE}` must be a table, headed [{TABLE}].")
    unknown = [name for name in table if name not in VARIABLES]
    if unknown:
        raise UsageError(f"{path}: `{TABLE}` knows no {unknown[0]!r}.", hint=f"There are: {', '.join(VARIABLES)}.")
    return {name: _origin(path, name, said) for name, said in table.items()}


def _texts_named_like_keys(table: Mapping[str, Any], place: str = "") -> Iterator[str]:
    for name, value in table.items():
        named = f"{place}{name}"
        if isinstance(value, Mapping):
            yield from _texts_named_like_keys(value, f"{named}.")
        elif isinstance(value, str) and name.lower() in _NAMES:
            yield named


def _origin(path: Path, name: str, said: object) -> Origin:
    wrong = UsageError(f"{path}: `{TABLE}.{name}` does not say where the key comes from.", hint=f"Write {_FORM}.")
    if not isinstance(said, Mapping) or len(said.keys() & {"keyring", "command"}) != 1:
        raise wrong
    if "command" in said:
        words = _words(said["command"])
        if not words or len(said) != 1:
            raise wrong
        return FromCommand(words)
    service, user = said["keyring"], said.get("user", name)
    if not all(isinstance(each, str) and re.search(r"\S", each) for each in (service, user)) or said.keys() - {
        "keyring",
        "user",
    }:
        raise wrong
    return FromKeyring(service, user)


def _words(command: object) -> tuple[str, ...]:
    """A command as a text, or as a list of words; nothing where it is neither."""
    if isinstance(command, str):
        try:
            return tuple(shlex.split(command))
        except ValueError:
            return ()
    if isinstance(command, list) and all(isinstance(word, str) and word for word in command):
        return tuple(command)
    return ()
