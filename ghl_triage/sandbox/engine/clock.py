"""Time: it stands still until moved, and moving it does the work that has come due, in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ghl_triage.sandbox.engine.api import Job, Obj
from ghl_triage.sandbox.engine.state import STRIPE_ITSELF, State
from ghl_triage.sandbox.engine.tables import TIME_SHIFT

#: A handler gets the object as it is when the work comes due.
Handler: TypeAlias = Callable[[State, Obj, Job], None]
_HANDLERS: dict[str, tuple[str, Handler]] = {}


def job(name: str, kind: str) -> Callable[[Handler], Handler]:
    """Registers the handler of a sort of planned work on objects of a kind."""

    def register(handler: Handler) -> Handler:
        _HANDLERS[name] = (kind, handler)
        return handler

    return register


class EngineClock:
    """The engine's time. It stands still until it is moved."""

    __slots__ = ("_state",)

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def now(self) -> int:
        """UTC epoch seconds."""
        return self._state.now

    def advance(self, seconds: int) -> int:
        """Goes on by so many seconds, doing all due work in the order of its time; returns the new now."""
        return self.advance_to(self._state.now + seconds)

    def advance_to(self, epoch: int) -> int:
        """The same, to a moment; stays where it is for one in the past."""
        state = self._state
        if epoch <= state.now:
            return state.now
        if state.source is not None:
            state.source.due(epoch)
        while state.jobs and state.jobs[0][0] <= epoch:
            _run(state, state.pop())
        state.now = epoch
        _forget_old_events(state)
        return epoch


def _run(state: State, planned: Job) -> None:
    state.now = max(state.now, planned.at)
    kind, handler = _HANDLERS[planned.name]
    obj = state.find(kind, planned.object_id)
    if obj is None:  # deleted, or undone
        return
    asking, state.request = state.request, STRIPE_ITSELF
    try:
        handler(state, obj, planned)
    finally:
        state.request = asking


def _forget_old_events(state: State) -> None:
    events = state.table("event")
    horizon = (state.now - state.beliefs.event_lifetime) << TIME_SHIFT
    for event_id in [events.objects[key]["id"] for key in events.everything.ascending(-1, horizon)]:
        events.remove(event_id)
