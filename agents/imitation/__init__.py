"""Learning from search: a network imitates the proofs that neighbourhood search finds.

What is right here is to some degree arbitrary: of many cliques that would do, a plan picks one. A first network that
imitated nothing but plans of the neighbourhood search proved worse bounds than dual guidance; how it does on small
graphs, with the same steps for all, ``python -m experiments.ablation`` tells.
"""

from agents.imitation.demonstrations import Demonstration, demonstrate
from agents.imitation.teacher import Teacher
from agents.imitation.training import ImitationSettings, ImitationTrainer

__all__ = ["Demonstration", "ImitationSettings", "ImitationTrainer", "Teacher", "demonstrate"]
