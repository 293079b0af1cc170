"""The client's own log from a file: JSON lines in three shapes, made into one (domain/highlevel.md 12.2).

The shapes are our own (`ts`, `message`, ids), what CloudWatch exports (`timestamp` in milliseconds, `message`), and
what Lambda writes as JSON. A line is of use when it has a time and names somebody: a Stripe id, an e-mail address, or a
request of which another line names somebody. Secrets are taken out here already.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from ghl_triage.sources.json_text import loads
from ghl_triage.sources.secrets import HIDDEN, mask

LONGEST = 20_000
"""Characters of a line that are looked at; a longer one is a body somebody wrote to the log."""
DEEPEST = 8
UNREADABLE = (OSError, EOFError, zlib.error)
"""What reading a file raises that is cut off, damaged or gone."""
TOLD = 500
"""Characters of a line's message that are kept."""
_MILLISECONDS = 10**11
_LAST = 253_402_300_799
_ID = re.compile(r"\b(?:cus|sub|in|pi|seti|pm|ch|evt|cs_test|cs_live)_(?=[A-Za-z]*\d)[A-Za-z0-9]{8,}")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_REQUEST = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_NOTHING = r"(?:null|none|undefined|nil)\b"
_NULL_SECRET = re.compile(
    rf"""client_?secret ["'\]\s]* (?:is|was|=|:|=>)? ["'\s]* {_NOTHING}
       | \b(?:null|undefined|nonetype|nil)\b [^\n]{{0,80}} client_?secret
       | client \s secret [^\n]{{0,120}} you \s specified: \s* {_NOTHING}""",
    re.IGNORECASE | re.VERBOSE,
)
_HIDE = re.compile(
    rf"""(\b(?:authorization|cookie|password|passwd|api_?key|access_?token|refresh_?token|client_?secret|secret|token)\b
          ["'\]\s]* [:=] ["'\s]* (?:bearer\s+)?) (?!{_NOTHING}) [^\s"',;}}\]]+""",
    re.IGNORECASE | re.VERBOSE,
)
_DIGITS = re.compile(r"(?<![\w-])[2-6]\d{3}(?:[ -]?\d){9,15}(?![\w-])")
_FAILED_LEVELS = frozenset({"error", "fatal", "critical", "severe"})


class BadLine(ValueError):
    """A line that is no JSON object, or has no time."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line, free of secrets. `emails` are in small letters; `null_secret`: it says that a secret was null."""

    id: str
    number: int
    at: int
    text: str
    failed: bool
    null_secret: bool
    ids: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    request: str | None = None

    @property
    def names_somebody(self) -> bool:
        """Whether it can be tied to a customer."""
        return bool(self.ids or self.emails)


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one line of a file: None in `line` where it could not be read."""

    number: int
    line: LogLine | None


def read_log(path: Path) -> Iterator[Entry]:
    """Every line of a file that is not empty; a line that names nobody has what others of its request name.

    The file is read twice: a request's first line may be the one that fails, and a later one the one that names.
    Raises one of UNREADABLE after the lines that could be read.
    """
    named: defaultdict[str, dict[str, None]] = defaultdict(dict)
    # What keeps the file from being read to its end is told by the second reading, after the lines before it.
    with suppress(*UNREADABLE):
        for entry in _parsed(path):
            if entry.line and entry.line.request and entry.line.names_somebody:
                named[entry.line.request] |= dict.fromkeys((*entry.line.ids, *entry.line.emails))
    for entry in _parsed(path):
        line = entry.line
        if line and line.request and line.request in named and not line.names_somebody:
            names = tuple(named[line.request])
            ids = tuple(name for name in names if "@" not in name)
            line = replace(line, ids=ids, emails=tuple(name for name in names if "@" in name))
        yield Entry(entry.number, line)


def _parsed(path: Path) -> Iterator[Entry]:
    with path.open("rb") as plain:
        packed = plain.read(2) == b"\x1f\x8b"
        plain.seek(0)
        file = gzip.GzipFile(fileobj=plain) if packed else plain
        for number, raw in enumerate(file, start=1):
            if raw.strip():
                try:
                    yield Entry(number, parse(number, raw))
                except BadLine:
                    yield Entry(number, None)


def parse(number: int, raw: bytes) -> LogLine:
    """One line. Raises BadLine; nothing else, whatever the line holds."""
    try:
        outer = loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadLine(str(error)) from None
    if not isinstance(outer, dict):
        raise BadLine("no object")
    inner = _inner(outer.get("message"))
    at = _time(outer) or _time(inner)
    if at is None:
        raise BadLine("no time")
    whole = "\n".join(_texts([outer, inner]))[:LONGEST]
    null_secret = _null_field([outer, inner]) or _NULL_SECRET.search(whole) is not None
    found = {**outer, **inner}
    return LogLine(
        id=_identity(outer, raw),
        number=number,
        at=at,
        text=_told(found),
        failed=null_secret or _failed(found),
        null_secret=null_secret,
        ids=tuple(dict.fromkeys(_ID.findall(whole)))[:20],
        emails=tuple(dict.fromkeys(each.lower() for each in _EMAIL.findall(whole)))[:5],
        request=_request(found, whole),
    )


def _inner(message: Any) -> dict[str, Any]:
    """A message that is itself JSON; CloudWatch wraps what Lambda's structured logs wrote."""
    if isinstance(message, dict):
        return message
    if isinstance(message, str) and message.lstrip().startswith("{"):
        try:
            inner = loads(message.encode())
        except orjson.JSONDecodeError:
            return {}
        return inner if isinstance(inner, dict) else {}
    return {}


def _time(record: Mapping[str, Any]) -> int | None:
    for name in ("ts", "timestamp", "time", "@timestamp"):
        at = _moment(record.get(name))
        if at is not None:
            return at
    return None


def _moment(value: Any) -> int | None:
    if isinstance(value, str):
        try:
            parsed = datetime.fromisoformat(value)
        except ValueError:
            return _moment(int(value)) if value.isascii() and value.isdecimal() and len(value) < 20 else None
        try:
            return int((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp())
        except (OverflowError, OSError, ValueError):
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _LAST * 1_000:
        return None
    return int(value / 1_000 if value >= _MILLISECONDS else value)


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    """Every text inside, as it was meant: JSON writes a tab as two characters, of which one is a letter."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list) and depth < DEEPEST:
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item, depth + 1)


def _null_field(value: Any, depth: int = 0) -> bool:
    """Whether a field of that name is null, at whatever place."""
    if depth >= DEEPEST:
        return False
    if isinstance(value, dict):
        return any(
            (str(key).lower().replace("_", "") == "clientsecret" and item is None) or _null_field(item, depth + 1)
            for key, item in value.items()
        )
    return isinstance(value, list) and any(_null_field(item, depth + 1) for item in value[:50])


def _failed(record: Mapping[str, Any]) -> bool:
    if str(record.get("level", "")).lower() in _FAILED_LEVELS or record.get("kind") == "error":
        return True
    status = record.get("status")
    return bool(record.get("errorType")) or (isinstance(status, int) and not isinstance(status, bool) and status >= 400)


def _told(record: Mapping[str, Any]) -> str:
    """What a line says, in a few hundred characters and without secrets."""
    words = [str(record[name]) for name in ("kind", "event_type", "status") if isinstance(record.get(name), str | int)]
    said = next((each for name in ("message", "errorMessage", "error", "msg") if (each := record.get(name))), "")
    if not isinstance(said, str):
        said = _as_json(said)
    return scrub(" ".join([*words, said])[:LONGEST]) or "log line"


def _as_json(value: Any) -> str:
    """With the names of its fields: they tell what is secret."""
    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except orjson.JSONEncodeError:
        return "nested too deeply to be told"


def scrub(text: str) -> str:
    """A text without secrets, passwords and card numbers, on one line."""
    hidden = _HIDE.sub(rf"\1{HIDDEN}", text)
    return mask(_DIGITS.sub(_card_number, hidden), limit=TOLD)


def _card_number(match: re.Match[str]) -> str:
    """Hides what passes the check of card numbers (Luhn); other long numbers stay."""
    digits = [int(each) for each in match[0] if each.isdigit()]
    doubled = [each if place % 2 == 0 else sum(divmod(each * 2, 10)) for place, each in enumerate(reversed(digits))]
    return HIDDEN if sum(doubled) % 10 == 0 else match[0]


def _request(record: Mapping[str, Any], whole: str) -> str | None:
    for name in ("request_id", "requestId", "RequestId", "awsRequestId"):
        value = record.get(name)
        if isinstance(value, str) and value:
            return value[:100]
    found = _REQUEST.search(whole)
    return found[0] if found else None


def _identity(outer: Mapping[str, Any], raw: bytes) -> str:
    """The same for the same line, wherever and however often it is read."""
    event = outer.get("eventId")
    named = f"{outer.get('logStreamName', '')}\n{event}".encode() if isinstance(event, str) and event else raw.strip()
    return f"log_{hashlib.sha256(named).hexdigest()[:32]}"
