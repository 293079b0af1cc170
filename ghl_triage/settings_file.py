"""Reads the settings file. Whatever looks like a secret in it is refused before anything else is said of the file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from ghl_triage.errors import UsageError
from ghl_triage.secrets.known import VARIABLES

# What makes it worth looking closely: most files hold nothing of the kind, and every start reads the file.
_TELLING = (
    *VARIABLES, *(variable.lower() for variable in VARIABLES.values()),
    "k_live_", "k_test_", "k_org_", "whsec_", "_secret_", "pit-", "eyj", "earer ", "stripe.com/", "akia", "asia",
)  # fmt: skip


def read_settings(path: Path) -> dict[str, Any]:
    """What stands in the file; nothing where there is none. Raises UsageError."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "it is no UTF-8 text"
        raise UsageError(f"The settings file {path} cannot be read: {why}.", hint="Mend it or move it away.") from None
    folded = text.lower()
    telling = any(mark in folded for mark in _TELLING)
    if telling:
        from ghl_triage.secrets.origins import refuse_secrets

        refuse_secrets(path, text)
    try:
        written = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise UsageError(
            f"The settings file {path} is no valid TOML: {fault}.", hint="Mend it or move it away."
        ) from None
    if telling:
        from ghl_triage.secrets.origins import refuse_named_secrets

        refuse_named_secrets(path, written)
    return written
