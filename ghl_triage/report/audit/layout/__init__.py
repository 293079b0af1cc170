"""The audit laid out for its readers: numbers to sentences, tables and charts."""
