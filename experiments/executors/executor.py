"""What works on many independent tasks: the interface that all executors have."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, Self, TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class Failure:
    """What is told of an item without an outcome, since whatever works on it dies.

    Attributes:
        reason: How that ended, in a few words.
    """

    reason: str


class Executor(ABC):
    """Applies functions to items, several at a time; a context that ends, when it is left, all that was started.

    Functions, items and outcomes travel to other processes, perhaps on other machines: they can be pickled and are
    small. A function is sent to everyone who works only once; what it builds at its first call, it may keep.
    """

    @abstractmethod
    def outcomes(
        self, work: Callable[[Item], Outcome], items: Iterable[Item]
    ) -> Iterator[tuple[Item, Outcome | Failure]]:
        """Apply a function to items, and give each with its outcome as soon as it is finished.

        The items are begun in their order, and taken only when somebody is there to work on them. When the iteration
        ends, for whatever reason, so does the work.

        Args:
            work: What is to be done.
            items: What it is to be done with.

        Raises:
            Exception: Whatever the function raises, with the traceback as a note.
        """

    def map(self, work: Callable[[Item], Outcome], items: Iterable[Item]) -> list[Outcome]:
        """The outcomes of a function for items, in their order.

        Raises:
            RuntimeError: If an item has no outcome.
            Exception: Whatever the function raises, with the traceback as a note.
        """
        found: dict[int, Outcome] = {}
        for (number, item), outcome in self.outcomes(_Numbered(work), enumerate(items)):
            if isinstance(outcome, Failure):
                raise RuntimeError(f"{item}: {outcome.reason}")
            found[number] = outcome
        return [found[number] for number in range(len(found))]

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
