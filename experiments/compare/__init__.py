"""Agents side by side on named problems."""
