"""Verdicts: pure functions from what the store holds of a customer to what is wrong, and who must do what."""
