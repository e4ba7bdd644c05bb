"""A cheap good point of a polynomial problem: the incumbent that stands beside every bound."""

from polyproof_gym.problems.feasible_point.search import find_feasible_point

__all__ = ["find_feasible_point"]
