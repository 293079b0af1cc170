"""A sandbox of a test's own: the real server in a thread, and its controls as methods."""

from __future__ import annotations

import asyncio
import ssl
import threading
from types import TracebackType
from typing import Any, Self

import httpx
from starlette.applications import Starlette

from ghl_triage.sandbox.server import SandboxOptions, create_app, make_server
from tests import conformance

NOW = 1_795_392_000
"""The moment at which the tests' worlds stand: 2026-11-23 00:00 UTC."""


class SandboxServer:
    """`with SandboxServer(options) as sandbox:` serves on loopback until the block ends.

    Then it holds all requests that it carried out against the published documents, where those are at hand.
    Without options: a small world at NOW, no pace limits, no perturbed events. `app` is a sandbox of the test's making.
    """

    def __init__(self, options: SandboxOptions | None = None, app: Starlette | None = None) -> None:
        self.options = options or SandboxOptions(customers=80, now=NOW, rate_limit=False)
        self.url = ""
        self._ready = threading.Event()
        self._server = make_server(app or create_app(self.options), on_ready=self._listening)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        # Speaks plain HTTP alone: a context that trusts nobody spares reading all the world's certificates.
        self._client = httpx.Client(timeout=60, trust_env=False, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))

    def start(self) -> Self:
        """Serves; returns when requests are answered."""
        self._thread.start()
        if not self._ready.wait(30):
            raise RuntimeError("the sandbox did not start")
        return self

    def stop(self) -> None:
        """Ends the server and its thread."""
        self._client.close()
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        wrong = conformance.wrong_requests(self.requests()) if error is None else ""
        self.stop()
        assert not wrong, wrong

    async def _serve(self) -> None:
        # uvicorn looks ten times a second whether it shall end, and waits once more for its clients: 0.2 s a server.
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        serving = asyncio.ensure_future(self._server.serve())
        await self._stopping.wait()
        for listener in self._server.servers:
            listener.close()
        for connection in self._server.server_state.connections:
            connection.transport.abort()
        serving.cancel()

    def _listening(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._ready.set()

    @property
    def stripe_base(self) -> str:
        """What `STRIPE_API_BASE` would be."""
        return f"{self.url}/stripe"

    @property
    def highlevel_base(self) -> str:
        """What `HIGHLEVEL_API_BASE` would be."""
        return f"{self.url}/highlevel"

    def info(self) -> dict[str, Any]:
        """Now, seed, account, key, token, location, number of subscriptions."""
        return self._ask("GET", "/info")  # type: ignore[no-any-return]

    def now(self) -> int:
        """The sandbox's time."""
        return int(self._ask("GET", "/clock")["now"])

    def advance(self, seconds: int) -> int:
        """Moves its clock on, with all that falls due; returns the new time."""
        return int(self._ask("POST", "/clock", {"advance": seconds})["now"])

    def advance_to(self, epoch: int) -> int:
        """The same, to a moment."""
        return int(self._ask("POST", "/clock", {"to": epoch})["now"])

    def faults(self, *orders: dict[str, Any]) -> None:
        """Orders faults: `{"match": "GET /v1/charges", "kind": "500", "times": 2}`."""
        self._ask("POST", "/faults", list(orders))

    def standing_faults(self) -> list[dict[str, Any]]:
        """The orders as they stand, used up ones too."""
        return self._ask("GET", "/faults")  # type: ignore[no-any-return]

    def clear_faults(self) -> None:
        """Takes all orders back."""
        self._ask("DELETE", "/faults")

    def ledger(self) -> list[dict[str, Any]]:
        """The charges that took money, oldest first."""
        return self._ask("GET", "/ledger")["charges"]  # type: ignore[no-any-return]

    def double_paid(self) -> list[str]:
        """Invoices that were paid twice: always empty, or a retry did harm."""
        return self._ask("GET", "/ledger")["double_paid"]  # type: ignore[no-any-return]

    def keys(self) -> dict[str, int | None]:
        """The HTTP status that each idempotency key was given; None for one whose request still runs."""
        return self._ask("GET", "/keys")  # type: ignore[no-any-return]

    def counters(self) -> dict[str, Any]:
        """Requests so far by endpoint, with totals."""
        return self._ask("GET", "/counters")  # type: ignore[no-any-return]

    def reset_counters(self) -> None:
        """Forgets the counts and the recorded requests."""
        self._ask("DELETE", "/counters")

    def requests(self) -> list[dict[str, Any]]:
        """The last requests, oldest first."""
        return self._ask("GET", "/requests")  # type: ignore[no-any-return]

    def labels(self) -> dict[str, dict[str, Any]]:
        """By subscription: what its story did."""
        return self._ask("GET", "/labels")  # type: ignore[no-any-return]

    def play(self, act: str, **order: Any) -> dict[str, Any]:
        """Plays the customer or the bank; returns the object that this made or changed."""
        return self._ask("POST", "/play", {"act": act, **order})  # type: ignore[no-any-return]

    def _ask(self, method: str, path: str, json: Any = None) -> Any:
        response = self._client.request(method, f"{self.url}/_sandbox{path}", json=json)
        if response.is_error:
            raise RuntimeError(f"{method} {path}: {response.status_code} {response.text[:500]}")
        return response.json()
