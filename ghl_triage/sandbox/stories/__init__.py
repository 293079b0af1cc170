"""What happened to the customers of the sandbox, told as API calls and clock moves.

Importing a module of stories registers them; `STORIES` here holds them all.
"""

from __future__ import annotations

from ghl_triage.sandbox.stories import (
    afterwards,
    authentication,
    fine,
    guards,
    mapping,
    missing,
    oddities,
    refusals,
    starts,
    strangers,
    waits,
    wrong_cards,
)
from ghl_triage.sandbox.stories.registry import STORIES, Outcome, Story

MODULES = (
    fine,
    guards,
    starts,
    waits,
    missing,
    wrong_cards,
    authentication,
    refusals,
    afterwards,
    oddities,
    strangers,
    mapping,
)
"""Where the stories are told."""

__all__ = ["MODULES", "STORIES", "Outcome", "Story"]
