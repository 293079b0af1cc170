"""HighLevel's API, as far as our client calls it, over what the world says that HighLevel knows."""
