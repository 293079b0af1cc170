"""The root-cause audit: what fails, why, since when, and what mends it (domain/stripe.md 3.2)."""
