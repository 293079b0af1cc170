"""What can be done to a case, and the careful way of doing it: plan, check, yes, journal, send, read again."""
