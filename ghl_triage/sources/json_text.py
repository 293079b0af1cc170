"""JSON from outside. A broken character costs that character, not the page, the log line or the answer it stands in.

Programs that cut a text in the middle of an emoji write half of a UTF-16 pair as an escape; logs hold bytes that are no
UTF-8. orjson refuses the whole document for either, and SQLite cannot store what the standard library makes of it.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

import orjson

_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
_LONE = re.compile("[\ud800-\udfff]")
_INSTEAD = "\ufffd"


def loads(data: bytes) -> Any:
    """What a JSON document holds, broken characters replaced. Raises orjson.JSONDecodeError for what is no JSON."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as fault:
        text = data.decode("utf-8", "replace")
        if _INSTEAD not in text and not _HALF.search(data):
            raise
        try:
            return _whole(json.loads(text, parse_constant=_no_json, parse_int=_number))
        except (ValueError, RecursionError):
            raise fault from None


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return _LONE.sub(_INSTEAD, value)
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, list) else value


def _no_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _number(digits: str) -> int | float:
    """As orjson reads it: an integer beyond 64 bits is a float."""
    number = int(digits)
    return number if -(2**63) <= number < 2**64 else float(number)
