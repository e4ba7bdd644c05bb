"""Robustness of classifiers: limits that hold for all of them, and exact polynomial ones of which it can be proved.

What it exports is loaded when it is first used.
"""

from typing import TYPE_CHECKING

from polyproof_gym.lazy import names_of_modules

if TYPE_CHECKING:
    from polyproof_gym.robustness.class_probabilities import ClassProbabilities
    from polyproof_gym.robustness.classifier import PolynomialClassifier
    from polyproof_gym.robustness.generator import PolynomialGenerator
    from polyproof_gym.robustness.limit import DistanceLimit, RobustnessLimit
    from polyproof_gym.robustness.models import Model, load_model
    from polyproof_gym.robustness.moduli import (
        ACTIVATIONS,
        Factors,
        derivative_problem,
        generator_modulus,
        linear_modulus,
        network_modulus,
        polynomial_modulus,
        quadratic_modulus,
        sampled_modulus,
    )
    from polyproof_gym.robustness.modulus import LATENT, Modulus
    from polyproof_gym.robustness.projected import ProjectedClassifier
    from polyproof_gym.robustness.shift import ShiftedLimit, WassersteinDistance
    from polyproof_gym.robustness.simplified import SimplifiedForms, simplified_forms
    from polyproof_gym.robustness.status import InsufficientStatus, Status, require, worst
    from polyproof_gym.robustness.transfer import PairProbabilities, TransferLimit
else:
    __getattr__ = names_of_modules(
        __name__,
        {
            "class_probabilities": "ClassProbabilities",
            "classifier": "PolynomialClassifier",
            "generator": "PolynomialGenerator",
            "limit": "DistanceLimit RobustnessLimit",
            "models": "Model load_model",
            "moduli": "ACTIVATIONS Factors derivative_problem generator_modulus linear_modulus network_modulus"
            " polynomial_modulus quadratic_modulus sampled_modulus",
            "modulus": "LATENT Modulus",
            "projected": "ProjectedClassifier",
            "shift": "ShiftedLimit WassersteinDistance",
            "simplified": "SimplifiedForms simplified_forms",
            "status": "InsufficientStatus Status require worst",
            "transfer": "PairProbabilities TransferLimit",
        },
    )

__all__ = [
    "ACTIVATIONS",
    "LATENT",
    "ClassProbabilities",
    "DistanceLimit",
    "Factors",
    "InsufficientStatus",
    "Model",
    "Modulus",
    "PairProbabilities",
    "PolynomialClassifier",
    "PolynomialGenerator",
    "ProjectedClassifier",
    "RobustnessLimit",
    "ShiftedLimit",
    "SimplifiedForms",
    "Status",
    "TransferLimit",
    "WassersteinDistance",
    "derivative_problem",
    "generator_modulus",
    "linear_modulus",
    "load_model",
    "network_modulus",
    "polynomial_modulus",
    "quadratic_modulus",
    "require",
    "sampled_modulus",
    "simplified_forms",
    "worst",
]
