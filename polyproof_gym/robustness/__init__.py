"""Robustness of classifiers: limits that hold for all of them, and exact polynomial ones of which it can be proved."""
