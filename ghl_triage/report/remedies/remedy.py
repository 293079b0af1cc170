"""A remedy: what goes wrong on a path, what to change, and the causes and findings that ask for it."""

from __future__ import annotations

from dataclasses import dataclass

from ghl_triage.model import Cause, Finding, Path


@dataclass(frozen=True, slots=True)
class Remedy:
    """One change. `wrong` says what the code or the settings do now, `steps` what they should do, in order.

    `slug` is its name in JSON. Field names are those of API version 2026-10-28.endive.
    """

    slug: str
    path: Path
    title: str
    wrong: str
    steps: tuple[str, ...]
    causes: frozenset[Cause] = frozenset()
    findings: frozenset[Finding] = frozenset()
