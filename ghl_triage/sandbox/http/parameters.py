"""Which parameters each endpoint takes, and how Stripe refuses the others.

`parameters.json` is read from the parameter types of Stripe's Python SDK 16.1 (2026-10-28.endive). A leaf is a type or
the list of allowed words; `{"[]": …}` is an array, `{"*": …}` a map with free keys, `""` the scalar form of an object
(`created=1` beside `created[gte]=1`), `"any"` a part that the sandbox does not look into.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from ghl_triage.sandbox.engine.api import StripeError
from ghl_triage.sandbox.http.form import Nested

Schema = str | list[str] | dict[str, Any]


MOST_TYPES = 20
"""How many event types one list takes."""


@cache
def table() -> dict[str, dict[str, Schema]]:
    """The parameters by "METHOD /v1/path/{id}"."""
    loaded: dict[str, dict[str, Schema]] = orjson.loads(
        files("ghl_triage.sandbox.http").joinpath("parameters.json").read_bytes()
    )
    return loaded


def check(endpoint: str, given: Nested) -> Nested:
    """The parameters with their types put right; StripeError 400 for what Stripe would refuse before doing anything."""
    schema = table()[endpoint]
    unknown = list(_unknown(schema, given, ""))
    if unknown:
        plural = "s" if len(unknown) > 1 else ""
        message = f"Received unknown parameter{plural}: {', '.join(unknown)}"
        raise StripeError(message, code="parameter_unknown", param=unknown[0])
    reading = endpoint.startswith("GET ")
    if len(given.get("types", ())) > MOST_TYPES:
        raise StripeError(f"You can filter on at most {MOST_TYPES} types at once.", param="types")
    return {name: _coerce(schema[name], value, name, reading) for name, value in given.items()}


def _unknown(schema: Schema, given: Any, at: str) -> list[str]:
    if not isinstance(schema, dict):
        return []
    if isinstance(given, list):
        return [name for item in given for name in _unknown(schema.get("[]", "any"), item, at)]
    if not isinstance(given, dict) or "*" in schema:
        return []
    if "[]" in schema:
        return []
    found = []
    for name, value in given.items():
        path = f"{at}[{name}]" if at else name
        if name not in schema or name == "":
            found.append(path)
        else:
            found += _unknown(schema[name], value, path)
    return found


def _coerce(schema: Schema, value: Any, at: str, reading: bool) -> Any:
    if value == "":
        if not reading:
            return value
        message = (
            f"You passed an empty string for '{at}'. We assume empty values are an attempt to unset a parameter; "
            f"however '{at}' cannot be unset. You should remove '{at}' from your request or supply a non-empty value."
        )
        raise StripeError(message, code="parameter_invalid_empty", param=at)
    if isinstance(schema, dict):
        return _coerce_nested(schema, value, at, reading)
    if schema == "any":
        return value
    if isinstance(value, dict | list):
        kind = "string" if isinstance(schema, list) else schema
        raise StripeError(f"Invalid {kind}: {value}", code=f"parameter_invalid_{kind}", param=at)
    if isinstance(schema, list):
        return _word(schema, value, at)
    return _scalar(schema, value, at)


def _coerce_nested(schema: dict[str, Any], value: Any, at: str, reading: bool) -> Any:
    if "[]" in schema:
        if not isinstance(value, list):
            raise StripeError("Invalid array", param=at)
        return [_coerce(schema["[]"], item, f"{at}[{number}]", reading) for number, item in enumerate(value)]
    if isinstance(value, dict):
        free = schema.get("*")
        return {name: _coerce(free or schema[name], below, f"{at}[{name}]", reading) for name, below in value.items()}
    if "" in schema:
        return _coerce(schema[""], value, at, reading)
    raise StripeError("Invalid object", param=at)


def _word(words: list[str], value: str, at: str) -> Any:
    if value in words:
        return value
    if "#integer" in words:
        return _scalar("integer", value, at)
    *most, last = words
    listed = f"{', '.join(most)}, or {last}" if len(most) > 1 else " or ".join(words)
    raise StripeError(f"Invalid {at}: must be one of {listed}" if most else f"Invalid {at}: must be {last}", param=at)


def _scalar(kind: str, value: str, at: str) -> Any:
    if kind == "integer":
        try:
            return int(value)
        except ValueError:
            message = f"Invalid integer: {value}"
            raise StripeError(message, code="parameter_invalid_integer", param=at) from None
    if kind == "boolean":
        if value not in ("true", "false"):
            raise StripeError(f"Invalid boolean: {value}", param=at)
        return value == "true"
    return value
