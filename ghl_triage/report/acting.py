"""What else acts on these customers: Stripe's retries and e-mails, HighLevel's workflows; inferred, and confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ghl_triage.highlevel import HighLevelWorkflow
from ghl_triage.model import Stage
from ghl_triage.report.retry_policy import Policy, policy
from ghl_triage.report.rows import ReportCase
from ghl_triage.trial import Trial
from ghl_triage.workspace_file import Acts


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts beside us. `retries` is inferred from the tries seen; `workflows` are the published ones that are known
    (none: there is none, or the token may not list them), `drafts` counts the others. `confirmed` holds the
    consultant's own words, empty where he has not said. Stripe's API tells nothing of the e-mails that Stripe sends: of
    them there are only his words.
    """

    retries: Policy
    workflows: tuple[HighLevelWorkflow, ...]
    drafts: int
    confirmed: Acts


def acting(
    trials: Iterable[Trial],
    cases: Iterable[ReportCase],
    *,
    workflows: Sequence[HighLevelWorkflow],
    confirmed: Acts,
    now: int,
) -> Acting:
    """What the store shows of it, and what was confirmed."""
    known = list(cases)
    published = tuple(flow for flow in workflows if flow.published)
    return Acting(
        retries=policy(
            trials,
            {case.subscription: case.next_retry_at for case in known},
            now,
            by_choice={case.subscription for case in known if case.stage is Stage.ENDED},
        ),
        workflows=published,
        drafts=len(workflows) - len(published),
        confirmed=confirmed,
    )
