"""Runs things side by side, so that the first error comes out as itself and nothing is left running behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, TypeVar

_Item = TypeVar("_Item")


async def together(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run all; at the first error the others are stopped, and it is raised."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        await end(tasks)


async def for_each(items: Iterable[_Item], work: Callable[[_Item], Awaitable[None]], *, at_once: int) -> None:
    """`work(item)` for every item, begun in their order, at most `at_once` side by side."""
    queue = iter(items)

    async def take() -> None:
        for item in queue:
            await work(item)

    await together(take() for _ in range(at_once))


async def end(tasks: Iterable[asyncio.Future[Any]]) -> None:
    """Stop tasks and see them gone; what they raise no longer matters."""
    stopped = list(tasks)
    for task in stopped:
        task.cancel()
    await asyncio.gather(*stopped, return_exceptions=True)
