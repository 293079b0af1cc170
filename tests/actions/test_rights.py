"""A right that the key lacks: the plan says so; one that nobody knew of stops the batch, and is known from then on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ghl_triage.actions.access import Access
from ghl_triage.config import fingerprint
from ghl_triage.errors import TriageError, UsageError
from ghl_triage.model import ActionKind, Outcome
from ghl_triage.rights import CUSTOMERS, INVOICES, WRITES, Held, Rights
from ghl_triage.store.writer import Writer
from tests.actions.desk import Desk

pytestmark = pytest.mark.anyio


def know(desk: Desk, known: Rights) -> None:
    """Let the store know this of the key."""
    with Writer(desk.database) as writer:
        writer.save_rights(fingerprint(desk.settings), known)


def keyed(desk: Desk, key: str) -> Desk:
    """The same desk with another key."""
    return replace(desk, settings=replace(desk.settings, stripe_key=key))


async def test_a_plan_leaves_out_what_needs_a_missing_right(desk: Desk) -> None:
    know(desk, Rights().learned(CUSTOMERS.slug, Held.NO, "rak_customer_write"))
    plan = await desk.opened(ActionKind.FIX_DEFAULT, *desk.failing())
    assert {step.skipped for step in plan.steps} == {"the key lacks Customers: Write (rak_customer_write)"}
    retry = await desk.opened(ActionKind.RETRY, *desk.payable())
    assert len(retry.to_send) == 3, "only what needs the right is left out"
    assert [result.outcome for result in await desk.run(retry)] == [Outcome.DONE] * 3


async def test_a_right_that_turns_out_to_be_missing_stops_the_batch_and_is_known(desk: Desk) -> None:
    narrow = keyed(desk, "rk_test_sandbox_without_invoice_write")
    results = await narrow.do(ActionKind.RETRY, *desk.payable())
    assert Outcome.DONE not in {result.outcome for result in results}
    assert any("Invoices: Write (rak_invoice_write)" in (result.error or "") for result in results)
    assert desk.charged() == []
    known = Access(narrow.settings, narrow.database).rights()
    assert known.lacks(INVOICES)
    assert known.at == 0, "the next sync looks at the others again"
    with pytest.raises(TriageError, match=r"the key lacks Invoices: Write \(rak_invoice_write\)") as refused:
        narrow.session().demand(ActionKind.RETRY, apply=False)
    assert refused.value.exit_code == 1
    desk.session().demand(ActionKind.RETRY, apply=True)


async def test_a_key_that_may_only_read_carries_nothing_out(desk: Desk) -> None:
    plan = await desk.opened(ActionKind.RETRY, *desk.payable())
    known = Rights()
    for right in WRITES:
        known = known.learned(right.slug, Held.NO, f"rak_{right.slug}")
    know(desk, known)
    with pytest.raises(UsageError, match="may only read"):
        await desk.run(plan)
    with pytest.raises(UsageError, match="may only read"):
        [settled async for settled in desk.session().settle()]
    assert [finished async for finished in desk.session().run_finishes()] == []
    assert desk.charged() == []
