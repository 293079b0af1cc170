"""Reports: numbers computed from the store, laid out once as a document, rendered in each format."""
