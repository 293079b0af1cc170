"""Asks for the keys where the settings say they are: once a start, before anything takes over the terminal.

What is set in the environment is not asked for. A command runs without a shell and without our own keys in its
environment; what it prints on standard error is told, masked, when it fails, and what it prints else is never shown.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ghl_triage.errors import UsageError
from ghl_triage.secrets.known import HANDED, LONGEST, VARIABLES, hold
from ghl_triage.secrets.origins import FromCommand, FromKeyring, Origin, read_origins

PATIENCE = 120.0
"""Seconds that a command may take: somebody may have to unlock a vault, or to touch a sensor."""


def keys_of(env: Mapping[str, str], path: Path, written: Mapping[str, Any]) -> dict[str, str]:
    """All keys by name, empty where one comes from nowhere. Raises UsageError where one cannot be had."""
    if HANDED in env:
        from ghl_triage.secrets.handing import take

        return take(env)
    origins = read_origins(path, written)
    keys = {name: env.get(variable, "").strip() for name, variable in VARIABLES.items()}
    for name, origin in origins.items():
        keys[name] = keys[name] or ask(name, origin)
    return keys


def ask(name: str, origin: Origin, *, patience: float = PATIENCE) -> str:
    """The key from its origin. Raises UsageError that says what is wrong, and nothing of a secret."""
    if isinstance(origin, FromKeyring):
        key = stored(origin)
        if not key:
            raise UsageError(f"The {origin} holds no {name}.", hint=f"Store it with `ghl-triage keys set {name}`.")
        return key
    return _printed(name, origin, patience)


def stored(origin: FromKeyring) -> str:
    """What the keyring holds; empty where it holds nothing. Raises UsageError where there is no keyring to ask."""
    import keyring

    try:
        found = keyring.get_password(origin.service, origin.user)
    except Exception as fault:
        raise unusable(fault) from None
    return (found or "").strip()


def unusable(fault: Exception) -> UsageError:
    """A keyring that did not do what it was asked; its back ends raise what they like."""
    from keyring.errors import NoKeyringError

    from ghl_triage.sources.secrets import mask

    if isinstance(fault, NoKeyringError):
        # Its own words recommend a keyring that is a plain file.
        return UsageError(
            "This system has no keyring.",
            hint="Take the key from the environment, or from a command such as `op read …`.",
        )
    said = mask(str(fault)) or type(fault).__name__
    return UsageError(
        f"The system's keyring cannot be used: {said}",
        hint="Unlock it, or take the key from the environment or from a command.",
    )


def _printed(name: str, origin: FromCommand, patience: float) -> str:
    import subprocess

    program = origin.words[0]
    own = {HANDED, *VARIABLES.values()}
    try:
        ran = subprocess.run(  # noqa: S603 - the user's own words, taken apart without a shell
            origin.words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=patience,
            check=False,
            env={variable: value for variable, value in os.environ.items() if variable not in own},
        )
    except subprocess.TimeoutExpired:
        raise UsageError(f"The command `{program}` for {name} gave no answer in {patience:g} seconds.") from None
    except (OSError, ValueError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "it holds a character that no command may"
        raise UsageError(f"The command `{program}` for {name} cannot be run: {why}.") from None
    if ran.returncode:
        # It may have printed the key before it failed, and may complain about it by name.
        hold(*ran.stdout.decode(errors="replace").split())
        raise UsageError(f"The command `{program}` for {name} ended with code {ran.returncode}{_said(ran.stderr)}")
    return _one_line(name, program, ran.stdout)


def _said(complaint: bytes) -> str:
    from ghl_triage.sources.secrets import mask

    said = mask(complaint.decode(errors="replace"))
    return f": {said}" if said else "."


def _one_line(name: str, program: str, printed: bytes) -> str:
    try:
        lines = printed[: LONGEST + 1].decode().strip().splitlines()
    except UnicodeDecodeError:
        lines = []
    if len(lines) != 1 or len(printed) > LONGEST:
        what = "nothing" if not printed.strip() else "something other than one line"
        raise UsageError(
            f"The command `{program}` for {name} printed {what}.", hint="It must print the key alone, on one line."
        )
    return lines[0].strip()
