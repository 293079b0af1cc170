"""All that is said of a customer at once: the objects behind it are parsed, and looked through, once."""

from __future__ import annotations

from dataclasses import dataclass

from ghl_triage.diagnosis.case import case_of
from ghl_triage.diagnosis.dossier import Dossier
from ghl_triage.diagnosis.situation import Situation
from ghl_triage.diagnosis.trials import trial_of
from ghl_triage.model import Caps, Case, Coverage, Records
from ghl_triage.trial import Trial


@dataclass(frozen=True, slots=True)
class Verdicts:
    """A customer's cases, one for each subscription, and the trials among them; oldest first."""

    cases: tuple[Case, ...]
    trials: tuple[Trial, ...]


def verdicts(records: Records, now: int, *, coverage: Coverage, caps: Caps) -> Verdicts:
    """What `diagnose` and `trials` say of these records; `now` in epoch seconds."""
    dossier = Dossier(records, coverage)
    situations = [Situation(dossier, sub, now) for sub in dossier.subscriptions]
    return Verdicts(
        tuple(case_of(situation, caps) for situation in situations),
        tuple(trial for situation in situations if (trial := trial_of(situation)) is not None),
    )
