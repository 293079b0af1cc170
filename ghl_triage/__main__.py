"""`python -m ghl_triage` is `ghl-triage`: the app starts its background sync this way."""

from ghl_triage.cli import main

main()
