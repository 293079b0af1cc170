"""A reconcile: the status lists again, and whatever the store believes open that none of them holds.

It mends what events did not tell: not every change makes one.
"""

from __future__ import annotations

from ghl_triage.sync.again import read_again, read_lists
from ghl_triage.sync.context import SyncRun
from ghl_triage.sync.load import RECONCILED, WARNINGS
from ghl_triage.sync.plan import DAY, FRAUD_WARNINGS, fraud_warnings, status_lists
from ghl_triage.sync.targets import Seen, Target

PART = "open cases"


async def reconcile(run: SyncRun) -> None:
    """Read what decides stages again."""
    began = run.clock.now()
    seen = Seen()
    await read_lists(run, PART, status_lists(began, run.history_days), seen)
    believed = await run.store.read(lambda reader: reader.open_ids())
    open_targets = {Target(kind, identity) for kind, ids in believed.items() for identity in ids}
    gone = {target for target in open_targets if target not in seen}
    await read_again(run, PART, gone, lists_read=True)
    await run.store.save_cursor(RECONCILED, str(began))


async def reread_warnings(run: SyncRun) -> None:
    """The early fraud warnings of the last days: an event may have told of one without its charge being read."""
    began = run.clock.now()
    await read_lists(run, FRAUD_WARNINGS, [fraud_warnings(began - 2 * DAY)], Seen())
    await run.store.save_cursor(WARNINGS, str(began))
