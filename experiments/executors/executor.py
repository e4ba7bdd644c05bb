"""What works on many independent tasks: the interface that all executors have."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, Self, TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

MOST_DEATHS = 2
"""How many workers may die while they work on an item; then it is given up."""

MOST_LOSSES = 5
"""How many machines may be lost in the same way. An item is hardly ever the reason for that."""


class ExecutorLost(Exception):
    """What works on the items is gone as a whole; the message says so in a line. What it has given before is good."""


@dataclass(frozen=True)
class Failure:
    """What is told of an item without an outcome, since whatever works on it dies.

    Attributes:
        reason: How that ended, in a few words.
    """

    reason: str


class Executor(ABC):
    """Applies functions to items, several at a time; a context that ends, when it is left, all that was started.

    Functions, items and outcomes travel to other processes, perhaps on other machines: they can be pickled. A function
    is sent to everyone who works only once, also if it is used again; what it builds at its first call, it may keep.
    What dies is replaced, and the items that it had are done again elsewhere.
    """

    @abstractmethod
    def outcomes(
        self, work: Callable[[Item], Outcome], items: Iterable[Item]
    ) -> Iterator[tuple[Item, Outcome | Failure]]:
        """Apply a function to items, and give each with its outcome as soon as it is finished.

        The items are begun in their order, and taken only when they are soon to be worked on. When the iteration ends,
        for whatever reason, so does the work.

        Args:
            work: What is to be done.
            items: What it is to be done with.

        Raises:
            ExecutorLost: If what works on them is gone.
            Exception: Whatever the function raises, with the traceback as a note.
        """

    def map(self, work: Callable[[Item], Outcome], items: Iterable[Item]) -> list[Outcome]:
        """The outcomes of a function for items, in their order.

        Raises:
            RuntimeError: If an item has no outcome.
            ExecutorLost: If what works on them is gone.
            Exception: Whatever the function raises, with the traceback as a note.
        """
        found: dict[int, Outcome] = {}
        for (number, item), outcome in self.outcomes(_Numbered(work), enumerate(items)):
            if isinstance(outcome, Failure):
                raise RuntimeError(f"{item}: {outcome.reason}")
            found[number] = outcome
        return [found[number] for number in range(len(found))]

    def resources(self) -> str:
        """What there is to work with, in a few words for people; empty where that is plain."""
        return ""

    def close(self) -> None:  # noqa: B027 (most have nothing to end)
        """End all that was started."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True)
class _Numbered(Generic[Item, Outcome]):
    """A function of items that come with their numbers."""

    work: Callable[[Item], Outcome]

    def __call__(self, numbered: tuple[int, Item]) -> Outcome:
        return self.work(numbered[1])


@dataclass
class Attempt(Generic[Item]):
    """An item that is worked on.

    Attributes:
        item: The item.
        deaths: How many workers have died of it so far.
        losses: How many machines were lost while they worked on it.
        is_suspect: Whether a worker has died that had others as well, so that it is not known which of them is the
            reason.
    """

    item: Item
    deaths: int = 0
    losses: int = 0
    is_suspect: bool = False

    def died(self, how: str) -> Failure | None:
        """Note that a worker has died of it; the failure if it is to be given up.

        Args:
            how: The end of the worker, in a few words.
        """
        self.deaths += 1
        return Failure(f"{self.deaths} workers have died of it ({how})") if self.deaths >= MOST_DEATHS else None

    def lost(self, how: str) -> Failure | None:
        """Note that a machine was lost, likewise."""
        self.losses += 1
        return Failure(f"{self.losses} machines were lost with it ({how})") if self.losses >= MOST_LOSSES else None


class Agenda(Generic[Item]):
    """Items that wait: those that are to be tried again come first, then the others in their order."""

    def __init__(self, items: Iterable[Item]) -> None:
        """Prepare; the items are taken one by one."""
        self._items = iter(items)
        self._again: deque[Attempt[Item]] = deque()

    def next(self) -> Attempt[Item] | None:
        """What is to be tried next; ``None`` if there is nothing, for now."""
        if self._again:
            return self._again.popleft()
        for item in self._items:
            return Attempt(item)
        return None

    def put_back(self, attempt: Attempt[Item]) -> None:
        """Have an item tried again."""
        self._again.append(attempt)
