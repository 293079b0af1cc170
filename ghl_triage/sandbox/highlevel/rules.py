"""HighLevel's manners: versions, tokens and scopes, error bodies, limits, parameters."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

TOKEN, AGENCY_TOKEN = "pit-sandbox", "pit-sandbox-agency"
"""The sub-account's token, and the agency's. `_without_<scope>` at the end takes a scope away."""

MOST, WINDOW = 100, 10.0
"""Requests allowed in so many seconds, for each location or company."""
DAILY = 200_000

_TOKEN_FORM = re.compile(r"^pit-sandbox(-agency)?(?:_without_(.+))?$")


@dataclass(slots=True, eq=False)
class Refused(Exception):
    """An error as HighLevel's body words it: `message` is a list where its validation speaks."""

    status: int
    message: str | list[str]
    error: str

    def body(self, trace: str) -> dict[str, Any]:
        """The error body."""
        return {"statusCode": self.status, "message": self.message, "error": self.error, "traceId": trace}


def bad_request(message: str) -> Refused:
    """400."""
    return Refused(400, message, "Bad Request")


def unauthorized(message: str) -> Refused:
    """401."""
    return Refused(401, message, "Unauthorized")


def forbidden(message: str) -> Refused:
    """403."""
    return Refused(403, message, "Forbidden")


def unprocessable(*messages: str) -> Refused:
    """422: each message is one complaint of the validation."""
    return Refused(422, list(messages), "Unprocessable Entity")


def check_version(version: str | None, dated: str) -> None:
    """The Version header is required: the API's own date version, or v3."""
    if version is None:
        raise bad_request("version header was not found.")
    if version not in (dated, "v3"):
        raise bad_request(f"version header is invalid: {version}")


def check_token(authorization: str | None, *, agency: bool | None, scope: str) -> None:
    """A bearer token of the right side (None: of either) that has the scope."""
    if not authorization:
        raise unauthorized("Authorization header was not found.")
    scheme, _, token = authorization.partition(" ")
    match = _TOKEN_FORM.match(token)
    if scheme.lower() != "bearer" or match is None:
        raise unauthorized("Invalid token: access token is invalid")
    if agency is not None and (match[1] is not None) != agency:
        raise forbidden("The token does not have access to this resource.")
    if match[2] == scope:
        raise unauthorized("The token is not authorized for this scope.")


@dataclass(slots=True)
class Window:
    """The limit of 100 requests in 10 seconds, and what its headers say."""

    limited: bool
    monotonic: Callable[[], float] = time.monotonic
    _times: deque[float] = field(default_factory=deque)
    _today: int = 0

    def take(self) -> bool:
        """Whether one more request is allowed now."""
        now = self.monotonic()
        while self._times and now - self._times[0] >= WINDOW:
            self._times.popleft()
        if self.limited and len(self._times) >= MOST:
            return False
        self._times.append(now)
        self._today += 1
        return True

    def headers(self) -> dict[str, str]:
        """The X-RateLimit headers of every response."""
        return {
            "X-RateLimit-Limit-Daily": str(DAILY),
            "X-RateLimit-Daily-Remaining": str(max(0, DAILY - self._today)),
            "X-RateLimit-Interval-Milliseconds": str(int(WINDOW * 1000)),
            "X-RateLimit-Max": str(MOST),
            "X-RateLimit-Remaining": str(max(0, MOST - len(self._times))),
        }


def check_query(query: Mapping[str, str], known: frozenset[str], required: tuple[str, ...]) -> None:
    """Missing and unknown parameters, all complaints at once as HighLevel's validation gives them."""
    complaints = [f"{name} should not be empty" for name in required if not query.get(name)]
    complaints += [f"property {name} should not exist" for name in query if name not in known]
    if complaints:
        raise unprocessable(*complaints)


def whole(query: Mapping[str, str], name: str, default: int, *, least: int = 0) -> int:
    """A whole number of the query."""
    text = query.get(name, str(default))
    if not text.isdigit() or int(text) < least:
        raise unprocessable(f"{name} must be a number not less than {least}")
    return int(text)
