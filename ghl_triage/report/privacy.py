"""What a report may show of a customer without being asked for more."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"[^\s@<>(),;:\"'=][^\s@<>(),;:\"=]*@[^\s@<>(),;:\"'=]+")
"""An apostrophe around an address is none of it, one within is: o'brien@acme.test."""


def mask_email(email: str) -> str:
    """An e-mail address by which the one who knows it recognises it, and nobody else: `j***@acme.test`.

    The domain stays: it tells a company's customers apart. What is no address becomes three asterisks; nothing stays
    nothing.
    """
    local, at, domain = email.strip().rpartition("@")
    if not email.strip():
        return ""
    if not at or not local or not domain:
        return "***"
    return f"{local[0]}***@{domain}"


def mask_emails(text: str) -> str:
    """A text with all addresses in it masked."""
    return _ADDRESS.sub(lambda found: mask_email(found.group()), text)
