"""Responses: Stripe's error bodies and headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import orjson

from ghl_triage.sandbox.engine import Engine
from ghl_triage.sandbox.engine.api import API_VERSION, StripeError
from ghl_triage.sandbox.http.expand import referred

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Reply:
    """A response before it is sent. `headers` are those beyond what every response carries."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON


def json_reply(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """A reply whose body is this value as JSON."""
    return Reply(status, orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS), headers or {})


def error_reply(
    error: StripeError,
    *,
    engine: Engine,
    request_id: str,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Stripe's error body; the objects that the error names stand in it whole."""
    account = engine.account()["id"]
    body: dict[str, Any] = {
        "code": error.code,
        "advice_code": error.advice_code,
        "charge": error.charge,
        "decline_code": error.decline_code,
        "doc_url": f"https://stripe.com/docs/error-codes/{error.code.replace('_', '-')}" if error.code else None,
        "message": error.message,
        "network_advice_code": error.network_advice_code,
        "network_decline_code": error.network_decline_code,
        "param": error.param,
        "request_log_url": f"https://dashboard.stripe.com/{account}/test/workbench/logs?object={request_id}",
        "type": error.type,
    }
    for name in ("payment_intent", "payment_method", "setup_intent"):
        object_id = getattr(error, name)
        body[name] = referred(engine, name, object_id) if object_id else None
    return json_reply(
        {"error": {key: value for key, value in body.items() if value is not None}}, error.status, headers
    )


def stripe_headers(
    reply: Reply, *, request_id: str, now: int, idempotency_key: str | None
) -> list[tuple[bytes, bytes]]:
    """All headers of a response, with the sandbox's own time as `Date`."""
    named = {
        "content-type": reply.content_type,
        "content-length": str(len(reply.body)),
        "date": formatdate(now, usegmt=True),
        "request-id": request_id,
        "stripe-version": API_VERSION,
        "cache-control": "no-cache, no-store",
        **({"idempotency-key": idempotency_key} if idempotency_key else {}),
        **{name.lower(): value for name, value in reply.headers.items()},
    }
    return [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in named.items()]
