"""Learning from search: a network imitates the proofs that neighbourhood search finds.

What is right here is to some degree arbitrary: of many cliques that would do, a plan picks one. On small graphs that
does no harm, as ``python -m experiments.ablation`` tells; on large ones little is learned (``docs/learning.md``).
"""

from agents.imitation.demonstrations import Demonstration, demonstrate
from agents.imitation.teacher import Teacher
from agents.imitation.training import ImitationSettings, ImitationTrainer

__all__ = ["Demonstration", "ImitationSettings", "ImitationTrainer", "Teacher", "demonstrate"]
