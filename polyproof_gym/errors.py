"""The errors that the package raises on purpose."""

from __future__ import annotations

from polyproof_gym.printable import printable


class PolyProofError(Exception):
    """Base of the package's own errors."""


class BadInput(PolyProofError, ValueError):
    """Input that cannot be used; the message is one line that says where and what was expected.

    Whatever the message quotes, it is shown as :func:`~polyproof_gym.printable.printable` does.
    """

    def __init__(self, message: str) -> None:
        """Take the message."""
        super().__init__(printable(message))


class InvalidProof(PolyProofError):
    """A proof that does not prove what it claims; the message gives the reason."""


class ResourceLimit(PolyProofError):
    """A proof that may hold, but is too large for the checker's limits; the message says which one it is beyond."""
