"""A request to Stripe's API, from its bytes to what it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.types import Receive, Scope

from ghl_triage.sandbox.engine.api import API_VERSION, StripeError
from ghl_triage.sandbox.http import form, parameters
from ghl_triage.sandbox.http.endpoints import Endpoint, find
from ghl_triage.sandbox.http.keys import Key


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as it came."""

    method: str
    path: str
    query: str
    form: str
    version: str | None
    authorization: str | None
    idempotency_key: str | None
    request_id: str

    def noted(self) -> dict[str, Any]:
        """What is remembered of it: everything but the key."""
        return {
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "form": self.form,
            "version": self.version,
            "idempotency_key": self.idempotency_key,
            "request_id": self.request_id,
        }


@dataclass(frozen=True, slots=True)
class Call:
    """What a request asks for, once it is known to be well formed."""

    endpoint: Endpoint
    object_id: str
    path: str
    params: form.Nested
    key: Key
    request_id: str
    idempotency_key: str | None


async def receive_request(scope: Scope, receive: Receive, request_id: str) -> Incoming:
    """Reads a request whole."""
    http = Request(scope, receive)
    return Incoming(
        method=http.method,
        path=scope["path"].removeprefix(scope.get("root_path", "")),
        query=scope["query_string"].decode("latin-1"),
        form=(await http.body()).decode("utf-8", "replace"),
        version=http.headers.get("stripe-version"),
        authorization=http.headers.get("authorization"),
        idempotency_key=http.headers.get("idempotency-key"),
        request_id=request_id,
    )


def endpoint_of(incoming: Incoming) -> tuple[Endpoint, str]:
    """The endpoint and the id in its path; StripeError 404 for an address that is not served."""
    found = find(incoming.method, incoming.path)
    if found is None:
        message = (
            f"Unrecognized request URL ({incoming.method}: {incoming.path}). Please see https://stripe.com/docs or we "
            "can help at https://support.stripe.com/."
        )
        raise StripeError(message, status=404)
    return found


def read(incoming: Incoming, endpoint: Endpoint, object_id: str, key: Key) -> Call:
    """The call; StripeError 400 for parameters that Stripe would refuse."""
    if incoming.version not in (None, API_VERSION):
        message = f"Invalid Stripe API version: {incoming.version}. The sandbox speaks {API_VERSION} only."
        raise StripeError(message)
    sent = parse_qsl(incoming.query, keep_blank_values=True)
    if endpoint.method == "POST":
        sent += parse_qsl(incoming.form, keep_blank_values=True)
    params = parameters.check(endpoint.name, form.decode(sent))
    _check_required(endpoint, params)
    return Call(endpoint, object_id, incoming.path, params, key, incoming.request_id, incoming.idempotency_key)


def _check_required(endpoint: Endpoint, params: Mapping[str, Any]) -> None:
    for name in endpoint.required:
        if name not in params:
            raise StripeError(f"Missing required param: {name}.", code="parameter_missing", param=name)
