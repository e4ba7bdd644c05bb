"""Learning from search: a network imitates the proofs that neighbourhood search finds.

What is right here is to some degree arbitrary: of many cliques that would do, a plan picks one. Plans of the
neighbourhood search alone have given a policy that proves worse bounds than dual guidance.
"""

from agents.imitation.demonstrations import Demonstration, demonstrate
from agents.imitation.teacher import Teacher
from agents.imitation.training import ImitationSettings, ImitationTrainer

__all__ = ["Demonstration", "ImitationSettings", "ImitationTrainer", "Teacher", "demonstrate"]
