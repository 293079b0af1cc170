"""The sandbox as a server: Stripe at `/stripe`, HighLevel at `/highlevel`, the controls at `/_sandbox`, on loopback."""

from __future__ import annotations

import gc
import ipaddress
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from ghl_triage.sandbox.controls import Controls
from ghl_triage.sandbox.engine.beliefs import Beliefs, shown
from ghl_triage.sandbox.highlevel.api import AGENCY_TOKEN, TOKEN, HighLevelApi, name_of
from ghl_triage.sandbox.http import endpoints
from ghl_triage.sandbox.http.faults import FaultGate, Faults
from ghl_triage.sandbox.http.limits import TEST_MODE_RATE
from ghl_triage.sandbox.http.record import Record
from ghl_triage.sandbox.http.stripe import StripeApi
from ghl_triage.sandbox.http.wire import OpenProtocol
from ghl_triage.sandbox.timing import SandboxTime
from ghl_triage.sandbox.world.api import World, WorldName
from ghl_triage.sandbox.world.trial_worlds import truth

STRIPE_KEY = "rk_test_sandbox"


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """What a sandbox is started with.

    `customers` is the number of subscriptions wanted; `now` the epoch at which its clock stands (None: it follows this
    machine's); `rate_limit` switches the limits of Stripe's test mode and of HighLevel; `latency` is seconds for each
    response; `chaos` lets events come late, twice, out of order and in an older version; `world` names whose
    stories are told (world/api.py); `beliefs` sets what the documents leave open.
    """

    seed: int = 1
    customers: int = 1_200
    now: int | None = None
    rate_limit: bool = True
    latency: float = 0.0
    chaos: bool = False
    world: WorldName = "default"
    beliefs: Beliefs = field(default_factory=Beliefs)


def create_app(options: SandboxOptions) -> Starlette:
    """The whole sandbox with a world of its own."""
    from ghl_triage.sandbox.world.build import build

    now = int(time.time()) if options.now is None else options.now
    world = build(
        seed=options.seed, subscriptions=options.customers, now=now, world=options.world, beliefs=options.beliefs
    )
    return app_of(world, options)


def app_of(world: World, options: SandboxOptions) -> Starlette:
    """The sandbox over a world that is there already."""
    engine = world.engine
    clock = SandboxTime(engine, live=options.now is None)
    faults, record = Faults(options.seed), Record()
    stripe = StripeApi(
        engine,
        record,
        clock.bring_up_to_date,
        rate=TEST_MODE_RATE if options.rate_limit else None,
        latency=options.latency,
        chaos=options.chaos,
        seed=options.seed,
    )
    highlevel = HighLevelApi(
        world.highlevel, record, clock.bring_up_to_date, limited=options.rate_limit, latency=options.latency
    )
    info = {
        "seed": options.seed,
        "account": engine.account()["id"],
        "stripe_key": STRIPE_KEY,
        "highlevel_token": TOKEN,
        "highlevel_agency_token": AGENCY_TOKEN,
        "highlevel_location_id": world.highlevel.location_id,
        "highlevel_company_id": world.highlevel.company_id,
        "world": options.world,
        "beliefs": shown(engine.beliefs),
        "truth": truth(options.world, engine.clock.now),
    }
    return Starlette(
        routes=[
            Mount("/stripe", FaultGate(stripe, faults, lambda *line: record.count("stripe", endpoints.name_of(*line)))),
            Mount("/highlevel", FaultGate(highlevel, faults, lambda *line: record.count("highlevel", name_of(*line)))),
            Mount(
                "/_sandbox", routes=Controls(world, clock, faults, record, info, stripe.idempotency.results).routes()
            ),
        ]
    )


class SandboxServer(uvicorn.Server):
    """uvicorn, telling its port once it listens."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[int], None] | None = None) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._on_ready is not None and self.started:
            self._on_ready(self.servers[0].sockets[0].getsockname()[1])


def make_server(
    app: Starlette, host: str = "127.0.0.1", port: int = 0, on_ready: Callable[[int], None] | None = None
) -> SandboxServer:
    """A server for this app, not yet running. Port 0 takes a free one; ValueError for a host that others can reach."""
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        raise ValueError(f"the sandbox serves this machine alone: {host} is no loopback address")
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=OpenProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    return SandboxServer(config, on_ready)


def serve(
    options: SandboxOptions,
    host: str = "127.0.0.1",
    port: int = 0,
    on_ready: Callable[[int], None] | None = None,
) -> None:
    """Builds the world and serves it until interrupted."""
    app = create_app(options)
    # The world stays for the life of the process: a collector that walks it again and again doubles the time of a page.
    gc.collect()
    gc.freeze()
    make_server(app, host, port, on_ready).run()
