"""A local Stripe without HTTP: objects, their life, the clock, the cards and the events."""
