"""How commands abridge."""

from __future__ import annotations


def abridged(number: str) -> str:
    """A number as text, without the middle of a long one."""
    return number if len(number) <= 60 else f"{number[:28]}...{number[-28:]}"
