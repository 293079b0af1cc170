"""The cases as the reports count them: all of them, with the first step and its refusal where somebody must act."""

from __future__ import annotations

from ghl_triage.model import ActionKind, Cause, Finding, Path, Stage
from ghl_triage.store.reader import Reader
from ghl_triage.store.writer import Writer
from tests.store.given import case


def test_rows_hold_what_the_cases_hold(writer: Writer, reader: Reader) -> None:
    both = (ActionKind.FIX_DEFAULT, ActionKind.RETRY)
    written = [
        case(1, recommended=both, blocked={ActionKind.RETRY: "no effective payment method: fix_default first"}),
        case(2, stage=Stage.AT_RISK, recommended=both, blocked={ActionKind.FIX_DEFAULT: "several cards"}),
        case(3, stage=Stage.LOST, cause=Cause.FIRST_PAYMENT_EXPIRED, recommended=(), path=Path.CHECKOUT),
        case(4, stage=Stage.HEALTHY, cause=None, findings=(), decline_code=None, card=None),
        case(5, cause=None, pending="cards not read yet", recommended=()),
    ]
    writer.save_cases(written)
    rows = {row.subscription: row for row in reader.report_cases()}
    assert len(rows) == 5
    for each in written:
        row = rows[each.subscription]
        assert (row.customer, row.email, row.path, row.stage) == (each.customer, each.email, each.path, each.stage)
        assert (row.cause, row.findings, row.amount, row.currency) == (
            each.cause,
            each.findings,
            each.amount_at_risk,
            each.currency,
        )
        assert (row.status, row.failed_at, row.trial_end, row.created) == (
            each.status,
            each.failed_at,
            each.trial_end,
            each.created,
        )
    assert (rows["sub_1"].first_action, rows["sub_1"].refused, rows["sub_1"].invoice) == (
        ActionKind.FIX_DEFAULT,
        None,
        "in_1",
    )
    assert (rows["sub_2"].first_action, rows["sub_2"].refused) == (ActionKind.FIX_DEFAULT, "several cards")
    assert rows["sub_3"].first_action is None
    assert (rows["sub_4"].code, rows["sub_4"].brand) == ("", "")
    assert rows["sub_5"].pending == "cards not read yet"
    assert rows["sub_1"].findings == (Finding.SEVERAL_CARDS, Finding.NOT_IN_HIGHLEVEL)
