"""Takes keys, tokens and pay links out of texts that came from outside, before anybody can read or log them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_KEYS = re.compile(
    r"""
      \b(?:[srpe]k_(?:live|test)|whsec)_[\w*]+  # Stripe's keys, also as Stripe masks them itself; webhook secrets
    | \bpit-[0-9A-Za-z-]+                      # HighLevel's private integration tokens
    | \beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?         # JSON web tokens: HighLevel's OAuth tokens
    | \b(?:pi|seti|in|cs|src)_\w+_secret_\w+   # client secrets
    | (?<=[Bb]earer\s)\S+
    | https?://(?:invoice|pay|checkout|billing|buy|receipts?|payments)\.stripe\.com/\S+  # pages that need no log-in
    """,
    re.VERBOSE,
)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")

HIDDEN = "[hidden]"
"""What stands where a secret stood."""


def mask(text: str, *, secrets: Iterable[str] = (), limit: int = 300) -> str:
    """`text` on one line, free of secrets, at most `limit` characters; `secrets` are hidden whatever their form."""
    plain = _CONTROLS.sub(" ", text)
    for secret in secrets:
        if secret:
            plain = plain.replace(secret, HIDDEN)
    plain = _KEYS.sub(HIDDEN, plain).strip()
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"
