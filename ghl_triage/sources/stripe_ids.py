"""Ids in the paths of requests. An id comes from outside like any other text: it must not lead to another object."""

from __future__ import annotations

import re
from urllib.parse import quote

from ghl_triage.errors import NotFound

_PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.@+-]*")
"""Stripe's own ids, and those that sellers could once choose for their customers."""


def is_plain(object_id: str) -> bool:
    """Whether an id means the same in a path as it does alone."""
    return _PLAIN.fullmatch(object_id) is not None


def object_path(collection: str, object_id: str, *more: str) -> str:
    """Where an object is read: `/v1/customers/cus_1`. Raises NotFound for what can be no id, before anything is sent.

    Dots alone, escaped or not, would lead upwards.
    """
    if not object_id.strip("."):
        raise NotFound(f"{object_id!r} is no id.")
    return "/".join((collection, quote(object_id.encode("utf-8", "replace"), safe=""), *more))
