from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any


class Workers:
    """Work on a few tasks at a time, what is begun last first, and send everything to and fro.

    Attributes:
        tasks: What has been worked on.
    """

    def __init__(self, count: int, last: int | None = None) -> None:
        """Have some workers, which are gone once they have worked on a number of tasks."""
        self._count, self._last = count, last
        self.tasks: list[Any] = []

    def __call__(self, work: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        waiting = iter(tasks)
        while begun := [*islice(waiting, self._count)]:
            for task in reversed(begun):
                if len(self.tasks) == self._last:
                    yield task, "gone"
                    continue
                self.tasks.append(task)
                sent_work, sent = pickle.loads(pickle.dumps((work, task)))
                yield task, pickle.loads(pickle.dumps(sent_work(sent)))
