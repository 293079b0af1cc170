"""The whole audit as one document: the summary first, then the parts."""

from __future__ import annotations

from collections.abc import Sequence

from ghl_triage.report.audit.audit import Audit
from ghl_triage.report.audit.layout import aftermath, beginning, causes, fixes, hypothesis, limits, rivals, summary
from ghl_triage.report.audit.layout.display import Display
from ghl_triage.report.document import Block, Document
from ghl_triage.text import clean, plural


def document(audit: Audit, display: Display, *, more: Sequence[Block] = ()) -> Document:
    """The document. `more` are the parts that others give: what to change in code, declines, what else acts."""
    about = audit.about
    mode = "live mode" if about.livemode else "TEST mode"
    return Document(
        f"Why trials fail: {clean(about.account)}",
        f"Root-cause audit of {plural(audit.subscriptions, 'subscription')} in Stripe, {mode}, "
        f"made {display.moment(about.made_at)} ({about.timezone}).",
        (
            *summary.blocks(audit, display),
            *causes.blocks(audit, display),
            *fixes.blocks(audit, display),
            *hypothesis.blocks(audit),
            *rivals.blocks(audit),
            *beginning.blocks(audit),
            *beginning.coming(audit, display),
            *more,
            *aftermath.blocks(audit, display),
            *limits.blocks(audit, display),
        ),
    )
