"""Hands the keys to our own child processes through a pipe.

Arguments can be read by everybody on the machine. The environment of a process can be read by its own user, and is
what crash collectors keep (systemd-coredump, apport) and what grandchildren inherit. A pipe is read once and is gone;
and the keyring, or the command that gives the keys, is asked once a start, not once by each child.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ghl_triage.errors import UsageError
from ghl_triage.secrets.known import HANDED, VARIABLES

if TYPE_CHECKING:
    from ghl_triage.config import Settings


@dataclass(frozen=True, slots=True)
class Inheritance:
    """What a child process is started with: its environment, and the pipes that it keeps (`pass_fds`)."""

    environment: Mapping[str, str]
    descriptors: tuple[int, ...]


@contextmanager
def inheritance(settings: Settings, inherited: Mapping[str, str]) -> Iterator[Inheritance]:
    """For as long as the child is being started: the same settings, and the keys in a pipe that is filled already."""
    reading, writing = os.pipe()
    try:
        with os.fdopen(writing, "wb") as pipe:
            # A few hundred bytes: a pipe takes that much without a reader.
            pipe.write(json.dumps({name: getattr(settings, name) for name in VARIABLES}).encode())
        yield Inheritance({**environment(settings, inherited), HANDED: str(reading)}, (reading,))
    finally:
        os.close(reading)


def environment(settings: Settings, inherited: Mapping[str, str]) -> dict[str, str]:
    """The child's environment: the same settings, whatever this process was started with, and no key."""
    own = {name: value for name, value in inherited.items() if not name.startswith(("STRIPE_", "HIGHLEVEL_", HANDED))}
    given = {
        "STRIPE_API_BASE": settings.stripe_base,
        "HIGHLEVEL_LOCATION_ID": settings.highlevel_location,
        "HIGHLEVEL_COMPANY_ID": settings.highlevel_company,
        "HIGHLEVEL_API_BASE": settings.highlevel_base,
        # One folder for all: then the child must find the same one.
        "GHL_TRIAGE_HOME": str(settings.data_dir) if settings.data_dir == settings.log_dir else "",
    }
    return own | {name: value for name, value in given.items() if value}


def take(env: Mapping[str, str]) -> dict[str, str]:
    """The keys that our parent process handed over. Raises UsageError where nothing was."""
    try:
        with os.fdopen(int(env[HANDED]), "rb") as pipe:
            handed = json.loads(pipe.read())
        return {name: str(handed[name]) for name in VARIABLES}
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(
            "The keys were not handed over.", hint=f"{HANDED} is set for ghl-triage's own processes: unset it."
        ) from None
