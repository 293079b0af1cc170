"""The parts of a screen: they get view models and post messages, and know neither store nor sources."""
