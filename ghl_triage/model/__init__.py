"""The terms of the product as frozen data classes and enums. Imports nothing of ours.

Amounts are integers in the currency's minor unit, with the currency beside them (lower-case ISO code, as Stripe writes
it). Times are UTC epoch seconds. A value that Stripe or HighLevel may extend (a status, a code, a type) is a plain
`str`: an unknown one is shown as it came.
"""

from ghl_triage.model.case import (
    CardView,
    Case,
    CaseRow,
    CustomerView,
    Evidence,
    HighLevelView,
    LearnedName,
    Note,
    OpenSubscription,
    Signature,
    TimelineEvent,
)
from ghl_triage.model.plan import (
    Outcome,
    PlannedRequest,
    PlanStep,
    StepResult,
)
from ghl_triage.model.progress import (
    PartState,
    SyncPart,
    SyncProgress,
)
from ghl_triage.model.records import (
    Caps,
    Coverage,
    OwnAttempt,
    Raw,
    Records,
)
from ghl_triage.model.terms import (
    QUEUE,
    ActionKind,
    Actor,
    Cause,
    Confidence,
    Finding,
    Lane,
    Level,
    Likeness,
    LinkKind,
    Path,
    Stage,
)

__all__ = [
    "QUEUE",
    "ActionKind",
    "Actor",
    "Caps",
    "CardView",
    "Case",
    "CaseRow",
    "Cause",
    "Confidence",
    "Coverage",
    "CustomerView",
    "Evidence",
    "Finding",
    "HighLevelView",
    "Lane",
    "LearnedName",
    "Level",
    "Likeness",
    "LinkKind",
    "Note",
    "OpenSubscription",
    "Outcome",
    "OwnAttempt",
    "PartState",
    "Path",
    "PlanStep",
    "PlannedRequest",
    "Raw",
    "Records",
    "Signature",
    "Stage",
    "StepResult",
    "SyncPart",
    "SyncProgress",
    "TimelineEvent",
]
