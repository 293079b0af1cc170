"""Takes keys, tokens and pay links out of texts that came from outside, before anybody can read or log them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ghl_triage.secrets.hiding import HIDDEN, hide

__all__ = ["HIDDEN", "mask"]

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")
# An error body names what it quotes. Only what is long and has a digit goes: "Invalid token: expired" is worth reading.
_NAMED = re.compile(
    r"""(\b(?:authorization|cookie|password|passwd|api[_-]?key|(?:access|refresh|session|id)?[_-]?token
          |client[_-]?secret|secret)\b ["'\]\s]* [:=] ["'\s]*)
        (?=[^\s"',;}\]]*\d) [^\s"',;}\]]{12,}""",
    re.IGNORECASE | re.VERBOSE,
)


def mask(text: str, *, secrets: Iterable[str] = (), limit: int = 300) -> str:
    """`text` on one line, free of secrets, at most `limit` characters; `secrets` are hidden whatever their form."""
    plain = _CONTROLS.sub(" ", text)
    for secret in secrets:
        if secret:
            plain = plain.replace(secret, HIDDEN)
    plain = _NAMED.sub(rf"\1{HIDDEN}", hide(plain)).strip()
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"
