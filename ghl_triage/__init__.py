"""Triage of failing and at-risk trial subscriptions over HighLevel, Stripe Checkout and the Stripe API."""

__version__ = "0.1.0"
