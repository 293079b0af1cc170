"""The socket under a response: hanging, tearing and cutting off, which HTTP itself cannot express."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

from starlette.types import Receive, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

_TRANSPORTS: dict[tuple[str, int], asyncio.Transport] = {}


class OpenProtocol(H11Protocol):
    """uvicorn's HTTP protocol, which lets the server reach the socket of a request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        _TRANSPORTS[transport.get_extra_info("peername")[:2]] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.client is not None:
            _TRANSPORTS.pop(self.client, None)


def _transport(scope: Scope) -> asyncio.Transport:
    client: Any = scope["client"]
    return _TRANSPORTS[tuple(client)]


def reset(scope: Scope) -> None:
    """Tears the connection down at once: the client reads ECONNRESET."""
    transport = _transport(scope)
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def close(scope: Scope) -> None:
    """Ends the connection in good order, in the middle of whatever was promised."""
    _transport(scope).close()


async def hang(receive: Receive) -> None:
    """Says nothing until the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
