"""Between a sandbox and whoever asks it: hear an answer whole, and send another one in its place."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send


def is_for_an_api(scope: Scope) -> bool:
    """Whether a request is for Stripe or HighLevel, not for the sandbox itself."""
    return scope["type"] == "http" and not scope["path"].startswith("/_sandbox")


async def heard(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    """How the answer begins (status and headers), and its whole body."""
    started: list[Message] = []
    body: list[bytes] = []

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.append(message)
        else:
            body.append(message.get("body", b""))

    await app(scope, receive, keep)
    return started[0], b"".join(body)


async def answer(send: Send, start: Message, status: int, body: bytes, *more: tuple[bytes, bytes]) -> None:
    """Send this body instead; `more` headers stand in the place of those with the same name."""
    instead = [*more, (b"content-length", str(len(body)).encode())]
    replaced = {name for name, _ in instead}
    headers = [pair for pair in start["headers"] if pair[0].lower() not in replaced]
    await send({**start, "status": status, "headers": [*headers, *instead]})
    await send({"type": "http.response.body", "body": body})
