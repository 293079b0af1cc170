"""What the client's own code heard and said: deliveries that failed, lines of its log."""

from __future__ import annotations

from ghl_triage.diagnosis.history.chapter import Chapter, line
from ghl_triage.diagnosis.observed import log_lines, undelivered
from ghl_triage.model import Lane, TimelineEvent

MOST_LINES = 200
"""The newest lines of a log that stand in one history."""
MOST_CHARACTERS = 200


def deliveries(chapter: Chapter) -> list[TimelineEvent]:
    """Events that the client's endpoint did not take."""
    found: list[TimelineEvent] = []
    for event in undelivered(chapter.situation):
        summary = f"webhook not delivered: {event.type}"
        found += line(event.created, Lane.API, "webhook_undelivered", summary, event.id, ok=False)
    return found


def logged(chapter: Chapter) -> list[TimelineEvent]:
    """Lines of the client's log, with file and number."""
    found: list[TimelineEvent] = []
    for told in log_lines(chapter.situation)[-MOST_LINES:]:
        text = told.text if len(told.text) <= MOST_CHARACTERS else told.text[: MOST_CHARACTERS - 1] + "…"
        found += line(told.at, Lane.API, "log", f"{told.place}  {text}", told.id, ok=False if told.failed else None)
    return found
