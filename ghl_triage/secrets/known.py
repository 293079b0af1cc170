"""The keys that this program knows by name, and those that this process holds. Imports nothing: every start pays."""

from __future__ import annotations

VARIABLES = {
    "stripe_key": "STRIPE_API_KEY",
    "highlevel_token": "HIGHLEVEL_TOKEN",
    "highlevel_agency_token": "HIGHLEVEL_AGENCY_TOKEN",
}
"""Each key's name in settings and commands, and the environment variable that wins over all else."""
HANDED = "GHL_TRIAGE_KEYS_FD"
"""Set for our own child processes: the pipe from which they read the keys; see handing.py."""
SHORTEST = 8
"""Characters. What is shorter is no key: hiding it everywhere would only make holes in texts."""
LONGEST = 4_096
"""Characters: more is none either, and might not fit the pipe through which our child processes get the keys."""

_held: dict[str, bytes] = {}


def hold(*secrets: str) -> None:
    """Remember secrets, so that any text that is written can be cleared of them, whatever their form."""
    for secret in secrets:
        if len(secret) >= SHORTEST:
            _held[secret] = secret.encode(errors="replace")


def held() -> list[str]:
    """What this process holds, the longest first: one may be the beginning of another."""
    return sorted(_held, key=len, reverse=True)


def among(encoded: bytes) -> bool:
    """Whether one of the secrets stands in these bytes."""
    return any(secret in encoded for secret in _held.values())
