"""The errors that the package raises on purpose."""


class PolyProofError(Exception):
    """Base of the package's own errors."""


class BadInput(PolyProofError, ValueError):
    """Input that cannot be used; the message is one line that says where and what was expected."""


class InvalidProof(PolyProofError):
    """A proof that does not prove what it claims; the message gives the reason."""


class ResourceLimit(PolyProofError):
    """A proof that may hold, but is too large for the checker's limits; the message says which one it is beyond."""
