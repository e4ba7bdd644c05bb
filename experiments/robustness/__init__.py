"""Robustness from both sides: what is certified, what an attack finds, and the limit that holds for every classifier.

Data flows one way: a ``subject`` is a classifier and a generator of its data, ``points`` are examined one by one,
``curves`` are the shares of them beyond a distance, which an ``examination`` holds against the limit; ``picture``
draws them. The questions of the paper are sections beside that, listed in :mod:`experiments.robustness.sections`.
``training`` makes the models that are shipped, ``peers`` attacks by other software.

From Python, :func:`examine` does the same for a classifier and a generator of one's own.
"""

from typing import TYPE_CHECKING

from polyproof_gym.lazy import names_of_modules

if TYPE_CHECKING:
    from experiments.robustness.examination import Examination, examine
else:
    __getattr__ = names_of_modules(__name__, {"examination": "Examination examine"})

__all__ = ["Examination", "examine"]
