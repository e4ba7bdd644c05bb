"""Where independent tasks are worked on: in processes of this machine, or on a cluster. One file for each executor."""

from experiments.executors.executor import Executor, Failure
from experiments.executors.processes import Processes
from experiments.executors.registry import DEFAULT, EXECUTORS, make_executor

__all__ = ["DEFAULT", "EXECUTORS", "Executor", "Failure", "Processes", "make_executor"]
