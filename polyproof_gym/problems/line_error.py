"""Where in a text something is wrong."""

from __future__ import annotations


class LineError(Exception):
    """Something is wrong in one line of a text; whoever knows where the text comes from makes a ``BadInput`` of it.

    Attributes:
        line: The line's number, from 1.
    """

    def __init__(self, line: int, message: str) -> None:
        """Say where, and what was expected."""
        super().__init__(message)
        self.line = line
