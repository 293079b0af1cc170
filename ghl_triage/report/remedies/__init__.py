"""What to change in code, and in HighLevel, for each path: shown only where this account has such cases."""

from ghl_triage.report.remedies.choice import choose, tally
from ghl_triage.report.remedies.layout import blocks

__all__ = ["blocks", "choose", "tally"]
