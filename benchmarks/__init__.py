"""Programs that print figures as JSON lines; docs/performance.md says what each measures."""
