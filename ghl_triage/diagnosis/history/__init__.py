"""What happened, theme by theme: the lines of which a timeline is made."""
