"""HighLevel's errors in our words; domain/highlevel.md section 8."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ghl_triage.errors import (
    NotAuthenticated,
    NotFound,
    NotPermitted,
    RateLimited,
    RequestRefused,
    SourceError,
    Unreachable,
)
from ghl_triage.sources.secrets import mask


@dataclass(frozen=True, slots=True)
class TokenName:
    """What a token is called, and the environment variables of it and of what it belongs to."""

    called: str
    variable: str
    place: str


SELLER = TokenName("token", "HIGHLEVEL_TOKEN", "HIGHLEVEL_LOCATION_ID")
AGENCY = TokenName("agency token", "HIGHLEVEL_AGENCY_TOKEN", "HIGHLEVEL_COMPANY_ID")


class HighLevelErrors:
    """What HighLevel's answers mean when they are none."""

    name = "HighLevel"

    def __init__(self, secrets: Sequence[str] = (), *, token: TokenName = SELLER) -> None:
        self._secrets = tuple(secrets)
        self._token = token

    def error(self, status: int, headers: Mapping[str, str], body: Any) -> SourceError:
        """The exception that this answer means; its text is masked."""
        fault = body if isinstance(body, dict) else {}
        message = fault.get("message") or ""
        said = mask("; ".join(map(str, message)) if isinstance(message, list) else str(message), secrets=self._secrets)
        trace = mask(str(fault.get("traceId") or headers.get("x-trace-id") or ""), secrets=self._secrets) or None
        if status == 401:
            return NotAuthenticated(
                f"HighLevel does not accept the {self._token.called}.",
                hint=f"Check {self._token.variable} (`ghl-triage keys show`); made in Settings, Private Integrations.",
                status=status,
                request_id=trace,
            )
        if status == 403:
            return NotPermitted(
                f"The HighLevel {self._token.called} may not do this{f': {said}' if said else '.'}",
                hint=f"Check its scopes, and that {self._token.place} is its own.",
                status=status,
                request_id=trace,
            )
        if status == 404:
            return NotFound(said or "HighLevel does not know this.", status=status, request_id=trace)
        if status == 429:
            return RateLimited("HighLevel is limiting this token's requests.", status=status, request_id=trace)
        if status >= 500 or not fault:
            return Unreachable(f"HighLevel answered {status} and nothing usable.", status=status, request_id=trace)
        return RequestRefused(said or f"HighLevel refused the request ({status}).", status=status, request_id=trace)

    def limited_by(self, headers: Mapping[str, str], body: Any) -> str:  # noqa: ARG002 - the header says it all
        """Why a 429 was given: with nothing left of the day, waiting is of no use."""
        left = headers.get("x-ratelimit-daily-remaining", "")
        return "stop" if re.fullmatch(r"-?\d+", left) and int(left) <= 0 else "rate"
