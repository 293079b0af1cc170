"""Stripe for writing: the typed SDK, imported at the first write.

Every write carries an idempotency key that the caller made and stored. Nothing is repeated here, neither by the SDK
nor by us: whether a second try may follow depends on what the first one may have done, which only the caller's journal
knows (`actions/sending.py`). Only the requests of `_ROUTES` can be sent from a journal.
"""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from ghl_triage.errors import SourceError, TriageError, Unreachable
from ghl_triage.model import PlannedRequest
from ghl_triage.sources.json_text import loads
from ghl_triage.sources.logs import quiet
from ghl_triage.sources.stripe import API_VERSION, StripeErrors
from ghl_triage.sources.stripe_ids import is_plain
from ghl_triage.sources.transport import CONNECT_TIMEOUT, is_loopback

if TYPE_CHECKING:
    import stripe

WRITE_TIMEOUT = 60.0
"""Seconds. A payment waits for the card's bank; giving up earlier would only leave more outcomes unknown."""


@dataclass(frozen=True, slots=True)
class Written:
    """Stripe's answer to a write. `replayed`: it is the stored answer to an earlier try with this key."""

    data: Mapping[str, Any] = field(repr=False)
    request_id: str | None
    replayed: bool


class StripeWriter:
    """Changes things at Stripe. `params` are nested as the SDK takes them; errors are ours, with decline codes."""

    def __init__(
        self,
        key: str,
        base: str,
        *,
        timeout: float = WRITE_TIMEOUT,
        handler: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._key = key
        self._base = base.rstrip("/")
        self._timeout = timeout
        self._handler = handler
        self._errors = StripeErrors((key,))
        self._made: stripe.StripeClient | None = None
        self._http: httpx.AsyncClient | None = None

    async def pay_invoice(self, invoice: str, params: Mapping[str, Any], *, idempotency_key: str) -> Written:
        """Try to collect an open invoice now (`POST /v1/invoices/{id}/pay`)."""
        call = self._client().v1.invoices.pay_async
        return await self._write(lambda options: call(invoice, _typed(params), options), idempotency_key)

    async def update_customer(self, customer: str, params: Mapping[str, Any], *, idempotency_key: str) -> Written:
        """Change a customer: his default payment method."""
        call = self._client().v1.customers.update_async
        return await self._write(lambda options: call(customer, _typed(params), options), idempotency_key)

    async def update_subscription(
        self, subscription: str, params: Mapping[str, Any], *, idempotency_key: str
    ) -> Written:
        """Change a subscription: its default payment method."""
        call = self._client().v1.subscriptions.update_async
        return await self._write(lambda options: call(subscription, _typed(params), options), idempotency_key)

    async def resume_subscription(
        self, subscription: str, params: Mapping[str, Any], *, idempotency_key: str
    ) -> Written:
        """End the pause of a subscription (`POST /v1/subscriptions/{id}/resume`)."""
        call = self._client().v1.subscriptions.resume_async
        return await self._write(lambda options: call(subscription, _typed(params), options), idempotency_key)

    async def cancel_subscription(
        self, subscription: str, params: Mapping[str, Any], *, idempotency_key: str
    ) -> Written:
        """Cancel a subscription at once (`DELETE /v1/subscriptions/{id}`): a second time finds nothing to cancel."""
        call = self._client().v1.subscriptions.cancel_async
        return await self._write(lambda options: call(subscription, _typed(params), options), idempotency_key)

    async def create_portal_session(self, params: Mapping[str, Any], *, idempotency_key: str) -> Written:
        """Make a customer portal link; its `url` is a bearer secret."""
        call = self._client().v1.billing_portal.sessions.create_async
        return await self._write(lambda options: call(_typed(params), options), idempotency_key)

    async def create_checkout_session(self, params: Mapping[str, Any], *, idempotency_key: str) -> Written:
        """Make a Checkout link, to set up a card or to subscribe anew; its `url` is a bearer secret."""
        call = self._client().v1.checkout.sessions.create_async
        return await self._write(lambda options: call(_typed(params), options), idempotency_key)

    async def send(self, request: PlannedRequest) -> Written:
        """Carry out a planned request exactly as it was stored, with its own key.

        An answer that shows another object, or none, is no answer: what the request did is unknown.
        """
        for method, pattern, name in _ROUTES:
            match = pattern.fullmatch(request.path)
            if match and request.method == method and all(map(is_plain, match.groups())):
                write: Callable[..., Awaitable[Written]] = getattr(self, name)
                written = await write(*match.groups(), request.params, idempotency_key=request.idempotency_key)
                shown = written.data.get("id")
                if not shown or shown not in (match.groups() or (shown,)):
                    said = f"Stripe answered {request.path} with something else: what it did is unknown."
                    raise Unreachable(said, request_id=written.request_id)
                return written
        raise TriageError(f"{request.method} {request.path} is no request that ghl-triage makes.")

    async def close(self) -> None:
        """Give the connections back."""
        if self._http is not None:
            await self._http.aclose()

    async def _write(self, call: Callable[[Any], Awaitable[Any]], idempotency_key: str) -> Written:
        import stripe

        try:
            answer = await call({"idempotency_key": idempotency_key})
        except stripe.StripeError as fault:
            raise self._translate(fault) from None
        response = answer.last_response
        replayed = response.headers.get("idempotent-replayed") == "true"
        # The body itself: the SDK turns decimal strings into Decimals, which are no JSON any more.
        return Written(loads(response.body.encode()), response.request_id, replayed)

    def _translate(self, fault: stripe.StripeError) -> SourceError:
        if fault.http_status is None:
            return Unreachable(
                "Stripe could not be reached, or broke off: whether the request took effect is unknown.",
                hint="`ghl-triage resume --apply` asks again with the same key.",
            )
        headers = {str(name).lower(): str(value) for name, value in dict(fault.headers or {}).items()}
        return self._errors.error(fault.http_status, headers, _body(fault))

    def _client(self) -> stripe.StripeClient:
        if self._made is None:
            os.environ.setdefault("STRIPE_SUPPRESS_NOTICES", "true")
            # With it the SDK prints every body that it gets, client secrets and links included.
            os.environ.pop("STRIPE_LOG", None)
            import stripe

            quiet()
            stripe.enable_telemetry = False
            self._http = httpx.AsyncClient(
                timeout=httpx.Timeout(self._timeout, connect=CONNECT_TIMEOUT),
                trust_env=not is_loopback(self._base),
                transport=self._handler,
            )
            self._made = stripe.StripeClient(
                self._key,
                stripe_version=API_VERSION,
                http_client=_sdk_client(self._http),
                max_network_retries=0,
                base_addresses={"api": self._base},
            )
        return self._made


_ROUTES = (
    ("POST", re.compile(r"/v1/invoices/([^/]+)/pay"), "pay_invoice"),
    ("POST", re.compile(r"/v1/customers/([^/]+)"), "update_customer"),
    ("POST", re.compile(r"/v1/subscriptions/([^/]+)/resume"), "resume_subscription"),
    ("POST", re.compile(r"/v1/subscriptions/([^/]+)"), "update_subscription"),
    ("DELETE", re.compile(r"/v1/subscriptions/([^/]+)"), "cancel_subscription"),
    ("POST", re.compile(r"/v1/billing_portal/sessions"), "create_portal_session"),
    ("POST", re.compile(r"/v1/checkout/sessions"), "create_checkout_session"),
)


def _body(fault: stripe.StripeError) -> Any:
    """The error's own words; None where they are no JSON."""
    try:
        return loads((fault.http_body or "").encode())
    except ValueError:
        return None


def _utf8(body: bytes) -> bytes:
    """A body that the SDK can decode: a broken character must not hide what a write did."""
    return body.decode("utf-8", "replace").encode()


def _is_misshapen(body: bytes) -> bool:
    """Whether it is JSON, but neither an object nor an error as Stripe writes them: the SDK would break on it."""
    try:
        said = loads(body)
    except ValueError:
        return False
    return not isinstance(said, dict) or not isinstance(said.get("error", {}), dict)


def _typed(params: Mapping[str, Any]) -> Any:
    """Stored parameters as the SDK's typed dictionaries want them: plain, and only theirs."""
    return {key: _typed(value) if isinstance(value, Mapping) else value for key, value in params.items()}


def _sdk_client(client: httpx.AsyncClient) -> stripe.HTTPClient:
    """The SDK's HTTP over our own httpx client: no proxy for this machine itself."""
    import stripe

    class OurHttp(stripe.HTTPClient):
        name = "httpx"

        async def request_async(
            self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
        ) -> tuple[bytes, int, Mapping[str, str]]:
            try:
                response = await client.request(
                    method, url, headers=dict(headers), content=post_data.encode() if post_data else None
                )
            except httpx.HTTPError as fault:
                lost = stripe.APIConnectionError(type(fault).__name__, should_retry=False)  # type: ignore[no-untyped-call]
                raise lost from None
            body = _utf8(response.content)
            if _is_misshapen(body):
                raise stripe.APIConnectionError("no object", should_retry=False)  # type: ignore[no-untyped-call]
            return body, response.status_code, response.headers

        async def close_async(self) -> None:
            await client.aclose()

    return OurHttp()
