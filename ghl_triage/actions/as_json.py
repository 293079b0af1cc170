"""Plans and results as the JSON of design.md section 9."""

from __future__ import annotations

from typing import Any

from ghl_triage.actions.plan import Plan
from ghl_triage.model import PlanStep, StepResult


def step_to_json(step: PlanStep) -> dict[str, Any]:
    """One step of a plan. Keys are stable: additions are fine, renames are not."""
    return {
        "case": step.case,
        "action": step.action.value,
        "requests": [
            {
                "method": request.method,
                "path": request.path,
                "params": dict(request.params),
                "idempotency_key": request.idempotency_key or None,
            }
            for request in step.requests
        ],
        "skipped": step.skipped,
        "amount": step.amount,
        "currency": step.currency,
        "notes": list(step.notes),
    }


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """A plan: its steps, and what it would charge in minor units by currency."""
    return {
        "plan": plan.id,
        "action": plan.action.value,
        "livemode": plan.livemode,
        "checked": plan.checked,
        "totals": dict(plan.totals),
        "choices": plan.choices.to_json(),
        "steps": [step_to_json(step) for step in (*plan.steps, *plan.gone)],
    }


def result_to_json(result: StepResult) -> dict[str, Any]:
    """How a step ended. `link` is the product of `resend_link`: print it, never store it."""
    return {
        **step_to_json(result.step),
        "outcome": result.outcome.value,
        "request_id": result.request_id,
        "error": result.error,
        "detail": result.detail,
        "link": result.link,
    }
