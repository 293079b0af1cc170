"""Stripe's HTTP manners over the engine: parameters, expansion, pages, errors, idempotency, limits, faults."""
