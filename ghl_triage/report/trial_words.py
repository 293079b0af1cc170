"""How the states of trials read in the reports, and why some are in none."""

from __future__ import annotations

from collections.abc import Mapping

from ghl_triage.trial import LeftOut, TrialState

STATES: Mapping[TrialState, str] = {
    TrialState.CONVERTED: "Paid at first try",
    TrialState.RECOVERED: "Recovered later",
    TrialState.OPEN: "Still open",
    TrialState.LOST: "Lost",
    TrialState.CANCELED: "Called off before",
    TrialState.NO_CARD: "Nothing to charge",
}
"""The six states of a cohort."""
LEFT_OUT: Mapping[LeftOut, str] = {
    LeftOut.DUPLICATE: "for the same price as another one of the same person, which is the one that stays",
    LeftOut.TEST_CLOCK: "on a test clock",
    LeftOut.FREE: "without a first charge: they cost nothing, or are billed by mail",
    LeftOut.PAID_BEFORE: "of subscriptions that had been paid before the trial began",
}
"""What goes on after a number of trials."""
