"""Kinds of subscriptions in the small world, and lessons that are learned at once."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath

from ghl_triage.errors import StoreError
from ghl_triage.kind import Kind
from ghl_triage.learning import find, kinds, name_for
from ghl_triage.model import Case, Confidence, Coverage, LearnedName, Path, Signature
from ghl_triage.store.reader import Reader
from ghl_triage.store.writer import Writer
from tests.tui.world import HOSTILE

HIGHLEVEL = "ca_1HighLevelApplication"
SHAPES = (
    Signature(price="price_course"),
    Signature(
        "", ("order_ref", "plan", "user_ref", "utm_campaign", "utm_medium"), "Custom checkout v2", "price_course"
    ),
    Signature(HIGHLEVEL, ("altId", "altType", "contactId", "transactionId"), "", "price_course"),
    Signature("ca_1KartBuilder", ("plan",), HOSTILE, "price_1SandboxLong000047"),
    Signature("", ("plan",), "注文", "price_円"),
    Signature(price="price_other"),
)


def with_signatures(cases: list[Case]) -> list[Case]:
    """The cases, each of a kind."""
    return [replace(case, signature=SHAPES[min(place % 9, place % 7, 5)]) for place, case in enumerate(cases)]


def fill_kinds(path: FilePath, cases: list[Case]) -> None:
    """Give the store's cases their kinds, one of them named, and its applications their names."""
    with Writer(path) as writer:
        writer.write_objects(
            [
                {"id": HIGHLEVEL, "object": "application", "name": "HighLevel"},
                {"id": "ca_1KartBuilder", "object": "application", "name": f"Kart {HOSTILE}"},
            ],
            fetched_at=1,
        )
        writer.save_coverage(replace(_coverage(path), highlevel_application=HIGHLEVEL))
        shape = SHAPES[4]
        name = LearnedName("shop 日本", Path.CHECKOUT, "", shape.metadata, shape.description, shape.price, "asked Bob")
        writer.save_learned((name,))
        writer.save_cases(with_signatures(cases))


def _coverage(path: FilePath) -> Coverage:
    with Reader(path) as reader:
        return reader.coverage()


@dataclass(slots=True)
class QuickLessons:
    """Keeps names in the store of a test; the cases stay as they are. `fault` is raised instead."""

    path: FilePath
    fault: StoreError | None = None
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def kinds(self) -> list[Kind]:
        with Reader(self.path) as reader:
            return kinds(reader)

    async def teach(self, kind: str, *, path: str, name: str, any_price: bool) -> AsyncGenerator[str]:
        self.asked.append(("teach", kind, path, name, "any" if any_price else "this"))
        yield "new verdicts for 1 of 2 customers"
        if self.fault:
            raise self.fault
        with Reader(self.path) as reader:
            meant, known = find(reader, kind), reader.coverage().learned
        with Writer(self.path) as writer:
            writer.save_learned((*known, name_for(meant, name, Path(path), any_price=any_price)))
        yield f"{name}, {path}: learned"

    async def forget(self, kind: str) -> AsyncGenerator[str]:
        self.asked.append(("forget", kind))
        with Writer(self.path) as writer:
            writer.save_learned(())
        yield "forgotten"

    def set_path(self, subscription: str, path: Path | None) -> None:
        self.asked.append(("path", subscription, str(path)))
        if self.fault:
            raise self.fault
        with Reader(self.path) as reader:
            case = reader.case(subscription)
        assert case is not None
        with Writer(self.path) as writer:
            evidence = "set by hand" if path else "no Checkout Session"
            sure = Confidence.CERTAIN if path else Confidence.STRONG
            changed = replace(case, path=path or Path.API, path_confidence=sure, path_evidence=evidence)
            writer.save_cases([changed])
