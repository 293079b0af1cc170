"""The sandbox held against Stripe: its stories told once more on Stripe's test clocks, and what differs.

Run as `python -m ghl_triage.sandbox.verify` (`make verify-stripe`) with a test-mode key of the user's own.

transcript  what a story asked of Stripe, as requests and clock moves
recording   plays a story on the sandbox's engine and writes its transcript
experiments stories that are told for this alone: what docs/beliefs.md says would settle a belief
plan        which stories can be played at Stripe, and why the others can't
client      one test-mode key, its pace, repeated requests
ledger      what was made at Stripe and must be removed again, on disk before it is asked for
replay      sends a transcript
reading     reads back what a story left, from the engine or from the API
naming      gives both sides' objects the same names
fields      what is compared
compare     the differences
beliefs     which belief a difference bears on
report      what is printed
"""
