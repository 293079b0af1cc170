"""What a subscription can be told: the parameters that its creation and its update share, read into fields."""

from __future__ import annotations

from typing import Any

from ghl_triage.sandbox.engine import payment_methods
from ghl_triage.sandbox.engine.api import Obj, Params
from ghl_triage.sandbox.engine.params import flag, group, integer, merged_metadata, required, text
from ghl_triage.sandbox.engine.state import State


def read(state: State, customer: str, params: Params, old: Obj | None) -> dict[str, Any]:
    """The fields that creation and update share."""
    fields: dict[str, Any] = {}
    for name in ("default_payment_method", "default_source"):
        if name in params:
            method_id = text(params, name)
            if method_id is not None:
                method_id = payment_methods.owned(state, method_id, customer, name)["id"]
            fields[name] = method_id
    if "metadata" in params:
        fields["metadata"] = merged_metadata(old["metadata"] if old else None, params)
    if "description" in params:
        fields["description"] = text(params, "description")
    if "collection_method" in params:
        fields["collection_method"] = text(params, "collection_method") or "charge_automatically"
        if fields["collection_method"] == "send_invoice":
            fields["days_until_due"] = integer(params, "days_until_due") or 30
    behavior = text(group(group(params, "trial_settings"), "end_behavior"), "missing_payment_method")
    if behavior is not None:
        fields["trial_settings"] = {"end_behavior": {"missing_payment_method": behavior}}
    if group(params, "payment_settings"):
        fields["payment_settings"] = _payment_settings(group(params, "payment_settings"), old)
    if group(params, "automatic_tax"):
        enabled = flag(group(params, "automatic_tax"), "enabled")
        liability = {"type": "self"} if enabled else None
        fields["automatic_tax"] = {"disabled_reason": None, "enabled": enabled, "liability": liability}
    return fields | _cancel_settings(state, params, old)


def _payment_settings(given: Params, old: Obj | None) -> Obj:
    base = old["payment_settings"] if old else {"payment_method_options": None}
    types = given.get("payment_method_types", base.get("payment_method_types")) or None
    saved = text(given, "save_default_payment_method") or base.get("save_default_payment_method", "off")
    return {**base, "payment_method_types": list(types) if types else None, "save_default_payment_method": saved}


def _cancel_settings(state: State, params: Params, old: Obj | None) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if "cancel_at_period_end" in params:
        wanted = flag(params, "cancel_at_period_end")
        fields["cancel_at_period_end"] = wanted
        fields["canceled_at"] = state.now if wanted else None
        reason = "cancellation_requested" if wanted else None
        fields["cancellation_details"] = {"comment": None, "feedback": None, "reason": reason}
        if old is not None:
            fields["cancel_at"] = old["items"]["data"][0]["current_period_end"] if wanted else None
    if "cancel_at" in params:
        fields["cancel_at"] = integer(params, "cancel_at")
        fields["canceled_at"] = state.now if fields["cancel_at"] else None
    return fields


def pause(state: State, subscription_id: str, given: Params) -> Obj | None:
    if not given:
        return None
    resumes = integer(given, "resumes_at")
    if resumes is not None:
        state.schedule(resumes, "resume_collection", subscription_id)
    return {"behavior": required(given, "behavior"), "resumes_at": resumes}
