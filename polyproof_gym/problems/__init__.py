"""Problems: what is to be proved, where it comes from, and what is known about it."""

from polyproof_gym.problems.box_polynomial import polynomial
from polyproof_gym.problems.files import load_problem
from polyproof_gym.problems.generators import Mixture, RandomPolynomial, RandomStableSet
from polyproof_gym.problems.problem import Problem, ProblemGenerator, ProblemShape
from polyproof_gym.problems.registry import REGISTRY, Entry, is_called_rightly, make_problem, make_source
from polyproof_gym.problems.relabelling import relabelled
from polyproof_gym.problems.robust_margin import RandomRobustMargin, robust_margin, robust_margins
from polyproof_gym.problems.stable_set import stability_number, stable_set
from polyproof_gym.problems.text_format import problem_from_text

__all__ = [
    "REGISTRY",
    "Entry",
    "Mixture",
    "Problem",
    "ProblemGenerator",
    "ProblemShape",
    "RandomPolynomial",
    "RandomRobustMargin",
    "RandomStableSet",
    "is_called_rightly",
    "load_problem",
    "make_problem",
    "make_source",
    "polynomial",
    "problem_from_text",
    "relabelled",
    "robust_margin",
    "robust_margins",
    "stability_number",
    "stable_set",
]
