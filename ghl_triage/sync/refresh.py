"""Reads given cases again for an action: before its plan, right before a write, and after it."""

from __future__ import annotations

