"""Where independent tasks are worked on: in processes of this machine, or on a cluster. One file for each executor."""

from typing import TYPE_CHECKING

from polyproof_gym.lazy import names_of_modules

if TYPE_CHECKING:
    from experiments.executors.executor import Executor, ExecutorLost, Failure
    from experiments.executors.processes import Processes
    from experiments.executors.registry import DEFAULT, EXECUTORS, make_executor

__all__ = ["DEFAULT", "EXECUTORS", "Executor", "ExecutorLost", "Failure", "Processes", "make_executor"]

__getattr__ = names_of_modules(
    __name__,
    {
        "executor": "Executor ExecutorLost Failure",
        "processes": "Processes",
        "registry": "DEFAULT EXECUTORS make_executor",
    },
)
