"""What is printed: before anything is sent, story by story, and at the end."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from ghl_triage.sandbox.verify.beliefs import ANSWER, SETTLED
from ghl_triage.sandbox.verify.compare import Difference
from ghl_triage.sandbox.verify.fields import FIELDS
from ghl_triage.sandbox.verify.plan import Plan
from ghl_triage.sandbox.verify.run import Outcome

PAGE = "docs/beliefs.md"
_WIDEST = 120
_LONGEST = 240


def announcement(plan: Plan, account: str, base: str, rate: float) -> Iterator[str]:
    """What will be made, and what stays."""
    sent = sum(each.transcript.writes() for each in plan.played)
    prices = len({price for each in plan.played for price in each.prices()})
    clocks = counted(len(plan.played), "test clock")
    yield f"In test mode of account {account} ({base}) this makes"
    yield f"  {clocks}, one after the other, each for one story; {counted(plan.customers(), 'customer')} on them,"
    yield f"  1 product and {counted(prices, 'price')}; {counted(sent, 'request')} of the stories and"
    moves = counted(plan.moves(), "move")
    yield f"  {moves} of clocks, for which Stripe needs seconds; at most {rate:g} requests a second."
    yield "  Each clock is deleted after its story, with its customers and subscriptions; product and prices are"
    yield "  archived. Test payments and events stay in the account's test data: Stripe deletes neither."
    if plan.skipped:
        yield f"  {counted(len(plan.skipped), 'story', 'stories')} can't be told there (--list says which, and why)."


def counted(number: int, word: str, several: str = "") -> str:
    """A number with its noun: "1 story", "2 stories"."""
    return f"{number} {word if number == 1 else several or word + 's'}"


def listing(plan: Plan) -> Iterator[str]:
    """Every story, with what it settles or why it is left out."""
    yield "Told at Stripe:"
    for each in plan.played:
        settles = ", ".join(belief.name for belief in SETTLED if each.tale.name in belief.stories)
        yield f"  {each.tale.name}" + (f"  settles {settles}" if settles else "")
    yield "Left out:"
    for name, reason in plan.skipped:
        yield f"  {name}: {reason}"


def story(outcome: Outcome) -> Iterator[str]:
    """One story's lines."""
    if outcome.failed is not None:
        yield f"! {outcome.story}: not told to its end: {outcome.failed}"
    elif not outcome.findings:
        yield f"= {outcome.story}"
    else:
        yield f"≠ {outcome.story}: {counted(len(outcome.findings), 'difference')}"
    for (name, beliefs), findings in groupby(outcome.findings, lambda each: (each.difference.name, each.beliefs)):
        yield f"    {name}"
        for each in findings:
            yield from _difference(each.difference)
        yield f"        bears on {', '.join(beliefs)}" if beliefs else "        no belief speaks of it"
    if outcome.failed is None and len({each.difference.kind == ANSWER for each in outcome.findings}) > 1:
        yield "    One request was answered otherwise: the other differences may only follow from that."
    for kind, fields in sorted(outcome.new_fields.items()):
        yield f"    for information: {kind} has {', '.join(sorted(fields))} at Stripe, and not in the sandbox"


def _difference(found: Difference) -> Iterator[str]:
    if _counts(found):
        sandbox, stripe = counted(found.sandbox, "time"), counted(found.stripe, "time")
        field = f"event {found.path}: "
    else:
        sandbox, stripe = _shown(found, found.sandbox), _shown(found, found.stripe)
        field = f"{found.path}: " if found.path else ""
    line = f"        {field}sandbox {sandbox}, Stripe {stripe}"
    if len(line) <= _WIDEST:
        yield line
        return
    yield f"        {field}sandbox {sandbox}"
    yield f"        {' ' * len(field)}Stripe  {stripe}"


def _counts(found: Difference) -> bool:
    """Whether it says how often something was told."""
    return found.kind == "event" and found.path != "order"


def _shown(found: Difference, value: Any) -> str:
    if isinstance(value, int) and FIELDS.get(found.kind, {}).get(found.path) == "time":
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    text = str(value) if isinstance(value, str) else json.dumps(value)
    clean = "".join(letter if letter.isprintable() else "?" for letter in text)
    return clean if len(clean) <= _LONGEST else f"{clean[:_LONGEST]}…"


def summary(plan: Plan, outcomes: Sequence[Outcome], requests: int) -> Iterator[str]:
    """The end of the report: beliefs that hold, beliefs in doubt, and what was not looked at."""
    different = sum(len(outcome.findings) for outcome in outcomes)
    failed = [outcome.story for outcome in outcomes if outcome.failed is not None]
    doubted = doubts(outcomes)
    if different:
        yield f"What a belief says, and what rests on it: {PAGE}."
    told_of = counted(len(outcomes), "story", "stories")
    yield f"{told_of}, {counted(different, 'difference')}, {counted(requests, 'request')}."
    told = {outcome.story for outcome in outcomes if outcome.failed is None}
    held = [
        belief.name
        for belief in SETTLED
        if belief.name not in doubted and belief.stories and told.issuperset(belief.stories)
    ]
    if held:
        yield f"Hold: {', '.join(held)}."
    for name, count in doubted.most_common():
        says = next(belief.says for belief in SETTLED if belief.name == name)
        yield f"In doubt: {name} ({says}): {count}."
    if any(_late(finding.difference) for outcome in outcomes for finding in outcome.findings):
        yield "An event that is missing may only be late: tell that story again (--story NAME) before you believe it."
    if failed:
        yield f"Not told to their end: {', '.join(failed)}."
    if plan.skipped:
        yield f"{counted(len(plan.skipped), 'story', 'stories')} left out, by reason:"
    for reason, count in Counter(reason for _, reason in plan.skipped).most_common():
        yield f"  {count:3d}  {reason}"


def _late(found: Difference) -> bool:
    return _counts(found) and int(found.stripe) < int(found.sandbox)


def doubts(outcomes: Sequence[Outcome]) -> Counter[str]:
    """By belief: how many differences bear on it."""
    return Counter(name for outcome in outcomes for finding in outcome.findings for name in finding.beliefs)


def document(plan: Plan, outcomes: Sequence[Outcome], account: str, base: str, requests: int) -> dict[str, Any]:
    """The whole as one JSON document."""
    return {
        "account": account,
        "base": base,
        "requests": requests,
        "differences": sum(len(outcome.findings) for outcome in outcomes),
        "beliefs": dict(doubts(outcomes)),
        "stories": [
            {
                "name": outcome.story,
                "failed": outcome.failed,
                "new_fields": {kind: sorted(fields) for kind, fields in outcome.new_fields.items()},
                "differences": [
                    {
                        "object": finding.difference.name,
                        "kind": finding.difference.kind,
                        "path": finding.difference.path,
                        "sandbox": finding.difference.sandbox,
                        "stripe": finding.difference.stripe,
                        "beliefs": list(finding.beliefs),
                    }
                    for finding in outcome.findings
                ],
            }
            for outcome in outcomes
        ],
        "skipped": [{"name": name, "reason": reason} for name, reason in plan.skipped],
    }
