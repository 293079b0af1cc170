"""Reading parameters: form values are strings, stories pass Python values, and both may say "unset"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ghl_triage.sandbox.engine.api import Obj, Params, StripeError

_MOST_KEYS, _KEY_LENGTH, _VALUE_LENGTH = 50, 40, 500
"""What metadata may hold (docs.stripe.com/metadata)."""


def text(params: Params, name: str) -> str | None:
    """The value as text; None where it is absent or unset."""
    value = params.get(name)
    return None if value is None or value == "" else str(value)


def integer(params: Params, name: str) -> int | None:
    """The value as a whole number; StripeError when it is none."""
    value = params.get(name)
    if value is None or value == "":
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        raise StripeError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name) from None


def flag(params: Params, name: str, default: bool = False) -> bool:
    """The value as a flag."""
    value = params.get(name)
    if value is None or value == "":
        return default
    return value if isinstance(value, bool) else str(value).lower() in {"true", "1"}


def group(params: Params, name: str) -> Params:
    """The nested parameters under a name; empty where it is absent or unset."""
    value = params.get(name)
    return value if isinstance(value, Mapping) else {}


def rows(params: Params, name: str) -> list[Params]:
    """A list of nested parameters; Stripe's form encoding may give it as a mapping from "0", "1", ..."""
    value = params.get(name)
    if isinstance(value, Mapping):
        value = list(value.values())
    return list(value) if value else []


def required(params: Params, name: str) -> str:
    """The value as text; Stripe's own refusal where it is missing."""
    value = text(params, name)
    if value is None:
        raise StripeError(f"Missing required param: {name}.", code="parameter_missing", param=name)
    return value


def merged_metadata(old: Obj | None, params: Params) -> dict[str, str]:
    """Metadata after an update: keys given as "" go away, and `metadata=""` clears all."""
    if "metadata" not in params:
        return dict(old or {})
    given = params["metadata"]
    if not isinstance(given, Mapping):
        return {}
    joined: dict[str, Any] = {**(old or {}), **given}
    merged = {key: str(value) for key, value in joined.items() if value not in ("", None)}
    if len(merged) > _MOST_KEYS or any(len(key) > _KEY_LENGTH or len(merged[key]) > _VALUE_LENGTH for key in merged):
        message = (
            f"Metadata can have up to {_MOST_KEYS} keys of up to {_KEY_LENGTH} characters, and values of up to"
            f" {_VALUE_LENGTH}."
        )
        raise StripeError(message, param="metadata")
    return merged


def taken(params: Params, names: tuple[str, ...]) -> dict[str, str | None]:
    """The plain text fields among `names` that the caller gave; unset ones as None."""
    return {name: text(params, name) for name in names if name in params}
