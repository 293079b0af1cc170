"""Code that the audit prints for the seller's developers; tests run it as it is printed."""
