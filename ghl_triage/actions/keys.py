"""Idempotency keys: one key names one intended attempt.

Stripe answers a key that it knows with its first answer, declines too, for at least 24 hours. So a second attempt needs
a new key, and a repetition of the same attempt must not have one. Keys are made once, stored, and never made again.
"""

from __future__ import annotations

import hashlib

LONGEST = 255
"""Stripe's limit, in characters."""


def idempotency_key(action: str, object_id: str, attempt: int, detail: str, salt: str) -> str:
    """The key of the `attempt`-th try of `action` on an object.

    `detail` says what else makes it this attempt: the card, or `eff` for whichever Stripe uses. `salt` is the plan's:
    two installations that know nothing of each other never take one another's answers for their own.
    """
    key = f"ghlt:{action}:{object_id}:{attempt}:{detail or 'eff'}:{salt}"
    if len(key) <= LONGEST and key.isascii() and key.isprintable():
        return key
    # Ids are the API's to choose: one that does not fit is named by its digest.
    digest = hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()
    return f"ghlt:{action[:40]}:{attempt}:{digest}"
