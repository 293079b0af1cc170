"""All that the screens show of one case, gathered in one go by a thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ghl_triage.model import ActionKind, Case, Note, Raw, TimelineEvent


class SentenceView(Protocol):
    """Why a case fails, who must act, and what to do next."""

    @property
    def why(self) -> str: ...
    @property
    def who(self) -> str: ...
    @property
    def next_step(self) -> str: ...


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One request that was sent for a case, in words."""

    at: int
    text: str
    ok: bool | None


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case with its words and its history.

    `refused` says for each action why it cannot be done now, `lacking` for those that only a missing right of the key
    forbids; `keys` are the keys of the actions.
    """

    row: int
    case: Case
    sentence: SentenceView
    timeline: Sequence[TimelineEvent]
    refused: Mapping[ActionKind, str]
    keys: Mapping[ActionKind, str]
    lacking: Mapping[ActionKind, str] = field(default_factory=dict)
    highlevel_read: bool = False
    notes: Sequence[Note] = ()
    tags: Sequence[str] = ()
    journal: Sequence[JournalLine] = ()
    raw: Sequence[Raw] = ()
