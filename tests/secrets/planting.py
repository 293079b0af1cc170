"""A sandbox whose every answer is full of secrets, and a search through all that a program wrote.

Each secret holds the word PLANTED, so that any of it is found wherever it went.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.rewriting import answer, heard, is_for_an_api

MARK = b"planted"
STRIPE_KEY = "rk_test_PLANTEDsandbox0123456789"
HIGHLEVEL_TOKEN = "pit-PLANTED0-0000-4000-8000-0a1b2c3d4e5f"
AGENCY_TOKEN = "opaquePLANTED.agency.0123456789"
"""Of no form that anybody knows: only that it is ours gives it away."""

FORMS = (
    "sk_live_PLANTEDabcdefgh1234",
    "rk_test_PLANTEDabcdefgh1234",
    "sk_org_PLANTEDabcdefgh1234",
    "whsec_PLANTEDabcdefgh1234",
    "pit-PLANTED1-1111-4000-8000-0a1b2c3d4e5f",
    "eyJhbGciOiPLANTED.eyJzdWIiPLANTED.PLANTED",
    "pi_3Abcdefgh1234_secret_PLANTED",
    "seti_1Abcdefgh1234_secret_PLANTED",
    "cs_live_a1bcdefgh1234_secret_fidPLANTED%2FPLANTED",
    "cuss_secret_PLANTED",
    "Bearer PLANTED.of-no-form",
    "https://invoice.stripe.com/i/acct_1/PLANTED?s=ap",
    "https:\\/\\/invoice.stripe.com\\/i\\/acct_1\\/PLANTED",
    "https%3A%2F%2Fbilling.stripe.com%2Fp%2Fsession%2FPLANTED",
    "https://billing.stripe.com/p/session/PLANTED",
    "https://checkout.stripe.com/c/pay/cs_live_PLANTED#fidPLANTED",
    "https://pay.acme.test/c/pay/cs_live_PLANTED",
    "https://pay.stripe.com/receipts/payment/PLANTED",
    "https://acme.test/done?payment_intent_client_secret=PLANTED",
    "https://user:PLANTED@acme.test/hook",
    STRIPE_KEY,
    HIGHLEVEL_TOKEN,
    AGENCY_TOKEN,
)
"""Whatever is known by its form, or by being ours."""

TEXT = " ".join(FORMS)
_OPAQUE = "PLANTED without any form"
_LINK = "https://files.acme.test/PLANTED.pdf"
_TEXTS = frozenset(
    {
        "comment", "description", "error_description", "failure_message", "footer", "message", "name", "nickname",
        "note", "seller_message", "statement_descriptor", "title",
    }
)  # fmt: skip
_LINKS = ("hosted_invoice_url", "invoice_pdf", "receipt_url", "receiptUrl", "invoiceUrl", "paymentLink", "return_url")


def plant(value: Any) -> Any:
    """A copy of an answer with a secret wherever one could stand."""
    if isinstance(value, list):
        return [plant(each) for each in value]
    if not isinstance(value, dict):
        return value
    grown = {key: _text(key, each) for key, each in value.items()}
    if isinstance(value.get("id"), str) and isinstance(value.get("object"), str) and value["object"] != "list":
        grown |= {"client_secret": _OPAQUE, "confirmation_secret": {"client_secret": _OPAQUE}}
        grown |= dict.fromkeys(_LINKS, _LINK)
        if isinstance(value.get("metadata"), dict):
            grown["metadata"] |= {
                "note": TEXT,
                "token": _OPAQUE,
                "clientSecret": _OPAQUE,
                "x-api-key": _OPAQUE,
                FORMS[0]: "x",
            }
    elif "_id" in value or "contactId" in value or "locationId" in value:
        grown |= {"note": TEXT, "token": _OPAQUE, "accessToken": _OPAQUE, "clientSecret": _OPAQUE} | dict.fromkeys(
            _LINKS, _LINK
        )
    return grown


def _text(key: str, value: Any) -> Any:
    if key in _TEXTS and isinstance(value, str):
        return f"{value} {TEXT}"
    return plant(value)


@dataclass(frozen=True, slots=True)
class Planting:
    """Stands before the sandbox: takes our keys for the sandbox's own, and plants in what it answers.

    `refused` are beginnings of paths that answer an error, with secrets in its words.
    """

    app: ASGIApp
    refused: tuple[str, ...] = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_for_an_api(scope):
            await self.app(scope, receive, send)
            return
        scope = {**scope, "headers": [(name, _known(name, value)) for name, value in scope["headers"]]}
        start, body = await heard(self.app, scope, receive)
        status, told = start["status"], plant(orjson.loads(body))
        if scope["path"].startswith(self.refused or ("-",)):
            status, said = 403 if "highlevel" in scope["path"] else 400, f"It may not: {TEXT}"
            told = {"statusCode": 403, "message": said, "error": {"message": said}}
        await answer(send, start, status, orjson.dumps(told))


def _known(name: bytes, value: bytes) -> bytes:
    if name.lower() != b"authorization":
        return value
    told = {HIGHLEVEL_TOKEN: "pit-sandbox", AGENCY_TOKEN: "pit-sandbox-agency"}
    scheme, _, token = value.decode().partition(" ")
    return f"{scheme} {told.get(token, token)}".encode()


def leaks(home: Path, printed: Mapping[str, str] | None = None, *, without: Iterable[Path] = ()) -> list[str]:
    """Where a planted secret stands: in any byte of any file below `home`, or in what was printed, by its name."""
    texts = {name: text.encode(errors="replace") for name, text in (printed or {}).items()}
    left_out = set(without)
    files = [path for path in sorted(home.rglob("*")) if path.is_file() and path not in left_out]
    texts |= {str(path.relative_to(home)): path.read_bytes() for path in files}
    found: list[str] = []
    for name, content in texts.items():
        folded = content.lower()
        at = folded.find(MARK)
        while at >= 0 and len(found) < 20:
            found.append(f"{name}: …{content[max(0, at - 70) : at + 40]!r}")
            at = folded.find(MARK, at + 200)
    return found
