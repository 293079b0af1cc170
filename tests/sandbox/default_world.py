"""The worlds that several tests look at, built once each; nobody changes them."""

from __future__ import annotations

from functools import cache

from ghl_triage.sandbox.world.build import World, build

NOW = 1_795_392_000
"""2026-11-23 00:00 UTC."""


@cache
def default_world() -> World:
    """The default world of 1,200 subscriptions."""
    return build(1, 1_200, NOW)


@cache
def small_world() -> World:
    """A small one, for comparing."""
    return build(7, 48, NOW)
