"""A local Stripe without HTTP: objects, their life, the clock, the cards and the events."""

from ghl_triage.sandbox.engine.engine import Engine

__all__ = ["Engine"]
