"""What happened to the customers of the sandbox, told as API calls and clock moves.

Importing a module of stories registers them; `STORIES` here holds them all.
"""

from __future__ import annotations

from ghl_triage.sandbox.stories import fine, guards, missing, oddities, refusals, starts
from ghl_triage.sandbox.stories.registry import STORIES, Outcome, Story

__all__ = ["STORIES", "Outcome", "Story", "fine", "guards", "missing", "oddities", "refusals", "starts"]
