"""Keys and other secrets: where they come from, and that they stay nowhere."""
