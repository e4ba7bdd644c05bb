"""Where independent tasks are worked on: in processes of this machine, for example."""

from experiments.executors.executor import Executor, Failure
from experiments.executors.processes import Processes

__all__ = ["Executor", "Failure", "Processes"]
