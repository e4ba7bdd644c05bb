"""Classifiers and generators of others as functions of arrays: torch modules, scikit-learn's, and plain functions."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyproof_gym import BadInput
from polyproof_gym.arguments import has_methods, shown
from polyproof_gym.robustness.maps import FloatArray

Array = NDArray[Any]

ArrayFunction = Callable[[FloatArray], FloatArray]
"""From points, one a row, to values, one row for each."""


def as_classifier(given: Any) -> ArrayFunction:
    """The scores of a classifier, of which the largest decides.

    Args:
        given: A torch module; a scikit-learn estimator, by its ``decision_function`` or else ``predict_proba``; or a
            function of an array. Where there is one score only, as there is for two classes, its sign decides.

    Raises:
        BadInput: If it is something else. So does the function, if it gives labels, or not one score for each class.
    """
    for method in ("decision_function", "predict_proba"):
        if has_methods(given, method):
            return _checked(getattr(given, method), "the classifier", _of_classes(getattr(given, "classes_", None)))
    return _checked(_function(given, "classifier"), "the classifier", _two_columns)


def _of_classes(classes: Any) -> Callable[[Array], Array]:
    """Check that an estimator gives one score for each of its classes, and not for every pair, say."""

    def arranged(values: Array) -> Array:
        scores = _two_columns(values)
        if classes is not None and scores.ndim == 2 and scores.shape[1] != len(classes):
            raise ValueError(f"expected one score for each of {len(classes)} classes, got {scores.shape[1]}")
        return scores

    return arranged


def as_generator(given: Any) -> ArrayFunction:
    """The data that a generator makes of latent points.

    Args:
        given: A torch module; a scikit-learn transformer, by its ``inverse_transform``; or a function of an array.

    Raises:
        BadInput: If it is something else.
    """
    if has_methods(given, "inverse_transform"):
        return _checked(given.inverse_transform, "the generator")
    return _checked(_function(given, "generator"), "the generator")


def _function(given: Any, what: str) -> Callable[[FloatArray], Any]:
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(given, torch.nn.Module):
        return _of_module(given)
    if not callable(given):
        raise BadInput(f"expected a function, a torch module or a scikit-learn estimator as {what}, got {shown(given)}")
    function: Callable[[FloatArray], Any] = given
    return function


def _of_module(module: Any) -> Callable[[FloatArray], Any]:
    """A torch module as it is in use: without gradients, dropout and the like."""
    import torch

    parameter = next(module.parameters(), torch.empty(0))
    module.eval()

    def values(points: FloatArray) -> Any:
        with torch.no_grad():
            given = torch.as_tensor(np.ascontiguousarray(points)).to(parameter)
            return module(given).double().cpu().numpy()

    return values


def _two_columns(values: Array) -> Array:
    """Scores of two classes for what has one score only."""
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim == 1 and values.dtype.kind in "iu":
        raise ValueError("expected scores, got whole numbers, as labels are")
    numbers = values.astype(np.float64)
    return np.stack([-numbers, numbers], axis=1) if numbers.ndim == 1 else numbers


def _checked(
    function: Callable[[FloatArray], Any],
    what: str,
    arranged: Callable[[Array], Array] = lambda values: values,
) -> ArrayFunction:
    """The function, whose values are checked to be finite rows, one for every point."""

    def values(points: FloatArray) -> FloatArray:
        try:
            found = np.asarray(arranged(np.asarray(function(points))), np.float64)
        except (TypeError, ValueError, RuntimeError, IndexError) as error:  # such as of a wrong number of inputs
            reason = str(error).partition("\n")[0]
            raise BadInput(f"{what}: points of shape {points.shape} cannot be used ({reason})") from error
        if found.ndim != 2 or len(found) != len(points):
            raise BadInput(f"{what}: expected {len(points)} rows for as many points, got shape {found.shape}")
        if not np.isfinite(found).all():
            raise BadInput(f"{what}: expected finite numbers, got others")
        return found

    return values
