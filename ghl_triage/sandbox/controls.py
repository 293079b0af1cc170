"""`/_sandbox`: clock, faults, charge ledger, counters, recorded requests, labels, and the customer's part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ghl_triage.sandbox.engine.api import StripeError
from ghl_triage.sandbox.http.faults import Fault, Faults
from ghl_triage.sandbox.http.record import Record
from ghl_triage.sandbox.play import play
from ghl_triage.sandbox.timing import SandboxTime
from ghl_triage.sandbox.world.api import World


@dataclass(frozen=True, slots=True)
class Controls:
    """What the controls act on. `info` is what a client must know to use this sandbox; `keys` gives Stripe's answer by
    idempotency key, as an HTTP status.
    """

    world: World
    time: SandboxTime
    faults: Faults
    record: Record
    info: Mapping[str, Any]
    keys: Callable[[], Mapping[str, int | None]]

    def routes(self) -> list[Route]:
        """The routes, below `/_sandbox`."""
        reads: dict[str, Callable[[], Any]] = {
            "/info": lambda: {"now": self._now(), **self.info, "subscriptions": self.world.subscriptions},
            "/clock": lambda: {"now": self._now()},
            "/ledger": self._ledger,
            "/keys": self.keys,
            "/counters": self.record.counters,
            "/requests": lambda: list(self.record.requests),
            "/labels": lambda: {key: dict(label) for key, label in self.world.labels().items()},
            "/faults": lambda: [_order(fault) for fault in self.faults.orders],
        }
        acts: dict[tuple[str, str], Callable[[Any], Any]] = {
            ("POST", "/clock"): self._move_clock,
            ("POST", "/faults"): self._order_faults,
            ("DELETE", "/faults"): lambda _: self.faults.orders.clear(),
            ("DELETE", "/counters"): lambda _: self.record.reset(),
            ("POST", "/play"): lambda act: play(self.world.engine, act),
        }
        return [
            *(Route(path, _reading(read), methods=["GET"]) for path, read in reads.items()),
            *(Route(path, _acting(act), methods=[method]) for (method, path), act in acts.items()),
        ]

    def _now(self) -> int:
        self.time.bring_up_to_date()
        return self.world.engine.clock.now

    def _ledger(self) -> dict[str, Any]:
        engine = self.world.engine
        return {"charges": [asdict(entry) for entry in engine.ledger()], "double_paid": list(engine.double_paid())}

    def _move_clock(self, order: Mapping[str, Any]) -> dict[str, int]:
        if order.keys() == {"to"}:
            return {"now": self.time.advance_to(int(order["to"]))}
        if order.keys() == {"advance"}:
            return {"now": self.time.advance(int(order["advance"]))}
        raise ValueError('the clock takes {"advance": seconds} or {"to": epoch}')

    def _order_faults(self, orders: Any) -> list[dict[str, Any]]:
        if not isinstance(orders, list):
            raise TypeError("faults are a list")
        self.faults.orders.extend([Fault.read(order) for order in orders])
        return [_order(fault) for fault in self.faults.orders]


def _order(fault: Fault) -> dict[str, Any]:
    return {**asdict(fault), "match": fault.match.pattern}


def _reading(read: Callable[[], Any]) -> Callable[[Request], Any]:
    async def endpoint(_: Request) -> Response:
        return _json(read())

    return endpoint


def _acting(act: Callable[[Any], Any]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        try:
            body = await request.body()
            return _json(act(orjson.loads(body) if body else None))
        except (KeyError, TypeError, ValueError) as error:
            return _json({"error": str(error)}, 400)
        except StripeError as error:
            return _json({"error": error.message, "code": error.code, "decline_code": error.decline_code}, 402)

    return endpoint


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")
