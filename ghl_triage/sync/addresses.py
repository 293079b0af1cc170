"""Which e-mail addresses are worth asking an API for: what is none would cost the whole request."""

from __future__ import annotations

LONGEST = 512
"""Characters that Stripe takes for a customer's e-mail address (Stripe's reference, "Create a customer")."""


def askable(email: str) -> bool:
    """Whether anybody could have this address. Names of any length, and with any signs, stand where one is expected."""
    return "@" in email and len(email) <= LONGEST and email.isprintable()
