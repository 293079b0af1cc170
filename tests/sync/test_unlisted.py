"""A subscription of a status that nobody knows yet is in none of the lists by status, and is found all the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ghl_triage.model import Stage
from ghl_triage.sandbox.server import SandboxOptions, create_app
from ghl_triage.sync.full import UNLISTED
from tests.sandbox_server import NOW, SandboxServer
from tests.sync.conftest import desk_at

pytestmark = pytest.mark.anyio
STATUS = "frozen_by_moonlight"


class NewStatus:
    """The sandbox, in which one subscription has a status that came after this program."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.subscription = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if not self.subscription or not path.startswith("/stripe/v1/subscriptions"):
            await self._app(scope, receive, send)
            return
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)

        await self._app(scope, receive, hold)
        body = orjson.dumps(self._changed(orjson.loads(b"".join(part.get("body", b"") for part in held))))
        headers = [(name, value) for name, value in held[0]["headers"] if name.lower() != b"content-length"]
        length = (b"content-length", str(len(body)).encode())
        await send({**held[0], "headers": [*headers, length]})
        await send({"type": "http.response.body", "body": body})

    def _changed(self, answer: dict[str, Any]) -> dict[str, Any]:
        if answer.get("object") == "list":
            rest = [each for each in answer["data"] if each["id"] != self.subscription]
            return {**answer, "data": rest, "has_more": answer["has_more"] and bool(rest)}
        return {**answer, "status": STATUS} if answer.get("id") == self.subscription else answer


@pytest.mark.parametrize(
    ("story", "stage"), [("no_money", Stage.FAILING), ("converted", Stage.HEALTHY)], ids=["owing", "paid"]
)
async def test_a_status_that_nobody_knows_is_shown_as_it_came(tmp_path: Path, story: str, stage: Stage) -> None:
    inner = create_app(SandboxOptions(customers=80, now=NOW, rate_limit=False))
    changed = NewStatus(inner)
    with SandboxServer(app=changed) as server:  # type: ignore[arg-type]
        chosen = next(name for name, told in server.labels().items() if told["story"] == story)
        changed.subscription = chosen
        desk = desk_at(server, tmp_path)
        assert (await desk.sync()).failed_parts == ()
        case = desk.cases()[chosen]
        assert (case.status, case.stage) == (STATUS, stage)


async def test_one_that_could_not_be_read_at_first_is_read_by_the_next_sync(tmp_path: Path) -> None:
    changed = NewStatus(create_app(SandboxOptions(customers=40, now=NOW, rate_limit=False)))
    with SandboxServer(app=changed) as server:  # type: ignore[arg-type]
        chosen = next(name for name, told in server.labels().items() if told["story"] == "no_money")
        changed.subscription = chosen
        desk = desk_at(server, tmp_path)
        server.faults({"match": "GET /v1/subscriptions/", "kind": "500", "times": None})
        assert [part.name for part in (await desk.sync()).failed_parts] == [UNLISTED]
        server.clear_faults()
        assert (await desk.sync()).failed_parts == ()
        assert desk.cases()[chosen].status == STATUS
