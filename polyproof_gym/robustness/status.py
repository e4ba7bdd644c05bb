"""How far a number can be trusted, and the rule that a result is no better than the worst of what it was made from."""

from __future__ import annotations

from enum import Enum
from typing import Protocol, TypeVar

from polyproof_gym.arguments import instance_of
from polyproof_gym.errors import PolyProofError


class Status(Enum):
    """How far a number can be trusted; a smaller one is better.

    * ``EXACT``: the number itself, but for rounding to the safe side.
    * ``CERTIFIED``: proved to be on the safe side of it; what rests on random samples holds with a stated confidence.
    * ``ESTIMATED``: neither; it may be wrong in either direction.
    """

    EXACT = "exact"
    CERTIFIED = "certified"
    ESTIMATED = "estimated"

    def __lt__(self, other: Status) -> bool:
        return _ORDER.index(self) < _ORDER.index(other)

    def __le__(self, other: Status) -> bool:
        return not other < self

    def __gt__(self, other: Status) -> bool:
        return other < self

    def __ge__(self, other: Status) -> bool:
        return not self < other

    def __str__(self) -> str:
        return str(self.value)


_ORDER = [*Status]


def worst(*statuses: Status) -> Status:
    """The worst of some statuses: that of a result made from inputs with these; ``EXACT`` if there are none."""
    return max(statuses, default=Status.EXACT)


class InsufficientStatus(PolyProofError):
    """A result that is not as trustworthy as was required; the message says which of its inputs is to blame."""


class HasStatus(Protocol):
    """What can be asked how far it can be trusted."""

    @property
    def status(self) -> Status:
        """How far it can be trusted."""
        ...

    @property
    def sources(self) -> tuple[HasStatus, ...]:
        """What it was made from; nothing if it was given."""
        ...

    def legend(self) -> str:
        """What it is, with its status, on one short line."""
        ...


_T = TypeVar("_T", bound=HasStatus)


def require(result: _T, weakest: Status) -> _T:
    """The result, if it can be trusted as far as is required.

    Args:
        result: What is to be used.
        weakest: The worst status accepted.

    Raises:
        BadInput: If ``weakest`` is no status.
        InsufficientStatus: If the result has a worse one.
    """
    weakest = instance_of(weakest, Status, "the status required")
    if result.status > weakest:
        blamed = "; ".join(source.legend() for source in _origins(result) if source.status > weakest)
        raise InsufficientStatus(
            f"expected a result that is {weakest}, got one that is {result.status}, made from: {blamed}"
        )
    return result


def _origins(result: HasStatus) -> list[HasStatus]:
    """What a result was made from in the end."""
    if not result.sources:
        return [result]
    return [origin for source in result.sources for origin in _origins(source)]
