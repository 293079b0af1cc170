"""Asks Stripe whether a key may write, by writes that cannot happen.

Each names an object that cannot exist. Stripe looks at the key's right before it looks for the object (docs/beliefs.md,
"Rights"), so the refusal tells: 403 for a missing right, `resource_missing` for one that is there. A POST all the same:
it is not made for a run that is read-only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Self

import httpx
import orjson

from ghl_triage.config import Settings
from ghl_triage.errors import NotPermitted, SourceError
from ghl_triage.rights import CHECKOUT, CUSTOMERS, INVOICES, PORTAL, SUBSCRIPTIONS, Answers, Held, Right, is_secret
from ghl_triage.sources.stripe import API_VERSION, StripeErrors
from ghl_triage.sources.transport import CONNECT_TIMEOUT, is_loopback

NOBODY = "cus_ghl_triage_probe"
"""Ids with such words are not given out: Stripe's are letters and digits after the prefix."""
TIMEOUT = 20.0
"""Seconds, once: where one question gets no answer, the others are not asked."""
_PROBES: Mapping[Right, tuple[str, Mapping[str, str]]] = {
    INVOICES: ("/v1/invoices/in_ghl_triage_probe/pay", {}),
    CUSTOMERS: (f"/v1/customers/{NOBODY}", {}),
    SUBSCRIPTIONS: ("/v1/subscriptions/sub_ghl_triage_probe", {}),
    PORTAL: ("/v1/billing_portal/sessions", {"customer": NOBODY}),
    CHECKOUT: (
        "/v1/checkout/sessions",
        {"mode": "setup", "currency": "usd", "customer": NOBODY, "success_url": "https://stripe.com"},
    ),
}


class WriteProbe:
    """Asks for one right to write after the other. To be had from `write_probe` alone."""

    def __init__(self, key: str, base: str, *, handler: httpx.AsyncBaseTransport | None = None) -> None:
        self._errors = StripeErrors((key,))
        self._client = httpx.AsyncClient(
            base_url=base,
            headers={"Authorization": f"Bearer {key}", "Stripe-Version": API_VERSION, "User-Agent": "ghl-triage"},
            timeout=httpx.Timeout(TIMEOUT, connect=CONNECT_TIMEOUT),
            trust_env=not is_loopback(base),
            transport=handler,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def ask(self, rights: Iterable[Right]) -> Answers:
        """Whether the key has these rights, and the name that Stripe gave one that it lacks.

        Those are missing that were not asked for any more, since Stripe did not answer.
        """
        known: dict[Right, tuple[Held, str]] = {}
        try:
            for right in rights:
                known[right] = await self._ask(right)
        except httpx.HTTPError:
            return known
        return known

    async def _ask(self, right: Right) -> tuple[Held, str]:
        path, form = _PROBES[right]
        response = await self._client.post(path, data=dict(form))
        try:
            answer = self._errors.error(response.status_code, response.headers, orjson.loads(response.content))
        except orjson.JSONDecodeError:
            return Held.UNKNOWN, ""
        return _understood(answer)


def _understood(answer: SourceError) -> tuple[Held, str]:
    if isinstance(answer, NotPermitted):
        return Held.NO, answer.rights[0] if answer.rights else ""
    # Nothing but "no such object" tells that the right was looked at before.
    return (Held.YES if answer.code == "resource_missing" else Held.UNKNOWN), ""


def write_probe(settings: Settings) -> WriteProbe | None:
    """What asks for the rights of this key; None where nothing may be sent, and where nothing need be asked."""
    if settings.read_only or is_secret(settings.stripe_key):
        return None
    return WriteProbe(settings.stripe_key, settings.stripe_base)
