"""Model values as JSON text, and back: whole cases, and the state that a sync leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from ghl_triage.model import (
    ActionKind,
    Actor,
    CardView,
    Case,
    Cause,
    Confidence,
    CustomerView,
    Evidence,
    Finding,
    HighLevelView,
    LearnedName,
    Level,
    Likeness,
    LinkKind,
    OpenSubscription,
    PartState,
    Path,
    Signature,
    Stage,
    SyncPart,
    SyncProgress,
)


def dump(value: Any) -> str:
    """A data class of the model, or plain JSON, as text."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"cannot store a {type(value).__name__}")


def load_case(text: str | bytes) -> Case:
    """A case as `dump` wrote it."""
    data = orjson.loads(text)
    card = data["card"]
    data |= {
        "path": Path(data["path"]),
        "path_confidence": Confidence(data["path_confidence"]),
        "stage": Stage(data["stage"]),
        "cause": Cause(data["cause"]) if data["cause"] else None,
        "findings": tuple(map(Finding, data["findings"])),
        "actor": Actor(data["actor"]),
        "recommended": tuple(map(ActionKind, data["recommended"])),
        "blocked": {ActionKind(kind): reason for kind, reason in data["blocked"].items()},
        "effective_level": Level(data["effective_level"]) if data["effective_level"] else None,
        "link": LinkKind(data["link"]) if data["link"] else None,
        "card": _card(card) if card else None,
        "evidence": tuple(Evidence(**each) for each in data["evidence"]),
        "payment_methods": tuple(map(_card, data["payment_methods"])),
        "highlevel": HighLevelView(**data["highlevel"]),
        "signature": _signature(data.get("signature")),
        "finding_evidence": {
            Finding(finding): tuple(Evidence(**each) for each in proof)
            for finding, proof in data.get("finding_evidence", {}).items()
        },
        "duplicates": tuple(map(_customer, data.get("duplicates", ()))),
        "own_customer": _customer(data["own_customer"]) if data.get("own_customer") else None,
    }
    return Case(**data)


def _card(data: dict[str, Any]) -> CardView:
    return CardView(**(data | {"default_at": tuple(map(Level, data["default_at"]))}))


def _signature(data: dict[str, Any] | None) -> Signature | None:
    return Signature(**(data | {"metadata": tuple(data["metadata"])})) if data else None


def load_names(text: str) -> tuple[LearnedName, ...]:
    """Learned names as `dump` wrote them."""
    return tuple(
        LearnedName(**(each | {"path": Path(each["path"]), "metadata": _keys(each["metadata"])}))
        for each in orjson.loads(text)
    )


def _keys(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)


def _customer(data: dict[str, Any]) -> CustomerView:
    return CustomerView(
        **(
            data
            | {
                "alike": tuple(map(Likeness, data["alike"])),
                "metadata": tuple(data["metadata"]),
                "cards": tuple(map(_card, data["cards"])),
                "subscriptions": tuple(OpenSubscription(**each) for each in data["subscriptions"]),
            }
        )
    )


def load_progress(text: str) -> SyncProgress:
    """A sync's last word as `dump` wrote it."""
    data = orjson.loads(text)
    parts = tuple(SyncPart(**(part | {"state": PartState(part["state"])})) for part in data["parts"])
    return SyncProgress(**(data | {"parts": parts, "missing": tuple(data["missing"])}))
