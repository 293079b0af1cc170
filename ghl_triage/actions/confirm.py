"""How loudly a plan asks before it acts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ghl_triage.actions.catalogue import action
from ghl_triage.actions.describe import Money
from ghl_triage.actions.plan import Plan
from ghl_triage.text import amounts, money, plural

ID_END = 6
"""So many characters of an id tell two subscriptions apart, and can be typed."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What must be answered: a plain yes, or `word` typed out. `loud` is a live account, which is real money."""

    kind: Literal["yes", "typed"]
    question: str
    word: str = ""
    loud: bool = False

    def accepts(self, answer: str) -> bool:
        """Whether a typed answer is the yes that was asked for. An empty one never is."""
        given = answer.strip()
        return given == self.word if self.kind == "typed" else given.lower() in ("y", "yes")


def confirmation(plan: Plan, money_of: Money = money) -> Confirmation:
    """A live batch wants a word typed, which names what it does and to how many; what can't be taken back wants the
    end of the id typed, in test mode too; all else wants a yes."""
    count = len(plan.to_send)
    entry = action(plan.action)
    sums = amounts(plan.totals, money_of)
    mode = "LIVE" if plan.livemode else "TEST"
    question = f"{mode}: {entry.verb} {plural(count, 'case')}{f' for {sums}' if sums else ''}?"
    if entry.one_by_one and count:
        (step, *_) = plan.to_send
        word = f"{entry.verb.lower()} {step.case[-ID_END:]}"
        return Confirmation("typed", f"{mode}: {entry.verb} {step.case}?", word, loud=plan.livemode)
    if plan.livemode and plan.writes and count > 1:
        return Confirmation("typed", question, f"{entry.command} {count}", loud=True)
    return Confirmation("yes", question, loud=plan.livemode and plan.writes)
