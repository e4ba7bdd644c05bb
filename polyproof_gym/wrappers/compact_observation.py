"""Observations of a few hundred numbers, for networks that take one vector."""

from __future__ import annotations

from typing import Any, cast

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.wrappers import TransformObservation
from numpy.typing import NDArray

from polyproof_gym.arguments import shown
from polyproof_gym.envs.observation import FEATURE_LIMIT
from polyproof_gym.errors import BadInput
from polyproof_gym.wrappers.spaces import MASK, entries

Floats = NDArray[np.float32]

LIMIT = float(np.log1p(FEATURE_LIMIT))
"""Largest number of a compact observation."""

_KEYS = (
    *("inequality_monomials", "inequality_coefficients", "num_inequalities", "monomials", "num_monomials"),
    *("objective", "exclusive", "idempotent", "bound", "step", MASK),
)


class CompactObservation(TransformObservation[dict[str, NDArray[Any]], Any, dict[str, NDArray[Any]]]):
    """Shows one float32 vector and the action mask, of 89 kB on stable sets with n = 25 and 100 steps 11 kB.

    Observations are a ``Dict`` of the vector, ``Box(-13.8, 13.8, (size,), float32)``, and the mask as the environment
    gives it. The vector consists of

    - 3 numbers of the state: share of the gap that is closed; share of the steps that is left; whether the LP has found
      a bound;
    - 5 of each of ``K`` inequalities: whether there is one; number of terms and degree, as shares of the most; the LP's
      multiplier; pseudo-expectation;
    - 4 of each of ``N`` variables: whether its square is itself; with how many others its product is 0, as a share;
      linear coefficient in the objective; pseudo-moment;

    in this order, where multipliers, expectations, moments and the gap closed are compressed to
    ``sign(v) * log(1 + |v|)``. What is not there is 0, and the pseudo-moment of a variable that no inequality has,
    which is not known, one half. Without ``lp_features`` the numbers that the LP gives are 0.

    Row ``j`` of the inequalities is that of the actions that multiply inequality ``j``, but what it consists of is left
    out. That is enough to learn a proof of one problem, or of one family with small networks; for more, use the whole
    observation and ``agents.networks``.
    """

    def __init__(self, env: gym.Env[Any, Any], observation_key: str = "observation", mask_key: str = MASK) -> None:
        """Wrap an environment.

        Args:
            env: One of ``PolyProof-v0``, wrapped by nothing that changes these entries but
                :class:`~polyproof_gym.wrappers.BooleanMask`.
            observation_key: Name of the vector in observations.
            mask_key: Name of the mask there.

        Raises:
            BadInput: If its observations are others, or the names are not two different texts.
        """
        names = observation_key, mask_key
        if not all(isinstance(name, str) for name in names) or len({*names}) < 2:
            raise BadInput(f"expected two different names for observation_key and mask_key, got {shown(names)}")
        space = entries(env, _KEYS)
        compaction = _Compaction(space, observation_key, mask_key)
        vector = spaces.Box(-LIMIT, LIMIT, (compaction.size,), np.float32)
        gym.utils.RecordConstructorArgs.__init__(self, observation_key=observation_key, mask_key=mask_key)
        shown_space: spaces.Space[Any] = spaces.Dict({observation_key: vector, mask_key: space[MASK]})
        super().__init__(env, compaction, shown_space)


class _Compaction:
    """Makes compact observations of whole ones, whose layout is that of a space."""

    def __init__(self, space: dict[str, spaces.Space[Any]], observation_key: str, mask_key: str) -> None:
        lengths = {key: cast("tuple[int, ...]", space[key].shape)[0] for key in _KEYS}
        self._inequalities, self._monomials = _largest(space["num_inequalities"]), _largest(space["num_monomials"])
        self._variables, self._max_steps = lengths["idempotent"], _largest(space["step"])
        self._terms = lengths["inequality_monomials"] // self._inequalities
        self._degree = lengths["monomials"] // self._monomials
        self._observation_key, self._mask_key = observation_key, mask_key
        self.size = 3 + 5 * self._inequalities + 4 * self._variables

    def __call__(self, observation: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        vector = np.zeros(self.size, np.float32)
        has_bound = observation.get("has_lp_bound", (0,))[0]
        left = 1 - observation["step"][0] / self._max_steps
        vector[:3] = _compressed(observation["bound"])[0], left, has_bound
        split = 3 + 5 * self._inequalities
        self._write_inequalities(observation, vector[3:split].reshape(self._inequalities, 5))
        self._write_variables(observation, vector[split:].reshape(self._variables, 4))
        return {self._observation_key: vector, self._mask_key: observation[MASK]}

    def _write_inequalities(self, observation: dict[str, NDArray[Any]], rows: Floats) -> None:
        count = int(observation["num_inequalities"][0])
        length = count * self._terms
        monomials = observation["inequality_monomials"][:length].reshape(count, self._terms)
        coefficients = observation["inequality_coefficients"][:length].reshape(count, self._terms)
        is_term = coefficients != 0
        degrees = (observation["monomials"].reshape(self._monomials, self._degree) < self._variables).sum(axis=1)
        rows = rows[:count]
        rows[:, 0] = 1
        rows[:, 1] = is_term.sum(axis=1) / self._terms
        rows[:, 2] = np.where(is_term, degrees[monomials], 0).max(axis=1, initial=0) / self._degree
        if "multipliers" in observation:
            rows[:, 3] = _compressed(observation["multipliers"][:count])
            rows[:, 4] = _compressed((coefficients * observation["pseudo_moments"][monomials]).sum(axis=1))

    def _write_variables(self, observation: dict[str, NDArray[Any]], rows: Floats) -> None:
        n = self._variables
        rows[:, 0] = observation["idempotent"]
        rows[:, 1] = observation["exclusive"].reshape(n, n).mean(axis=1)
        count = int(observation["num_monomials"][0])
        table = observation["monomials"].reshape(self._monomials, self._degree)[:count]
        linear = np.flatnonzero((table < n).sum(axis=1) == 1)
        variables = table[linear, 0]
        objective = observation["objective"]
        in_objective = linear < len(objective)
        rows[variables[in_objective], 2] = objective[linear[in_objective]]
        if "pseudo_moments" in observation:
            rows[:, 3] = _compressed(np.full(n, 0.5, np.float32))
            rows[variables, 3] = _compressed(observation["pseudo_moments"][linear])


def _compressed(values: Floats) -> Floats:
    """Numbers of any size brought to a moderate one, with their sign; small ones hardly change."""
    compressed: Floats = np.clip(np.sign(values) * np.log1p(np.abs(values)), -LIMIT, LIMIT)
    return compressed


def _largest(space: spaces.Space[Any]) -> int:
    assert isinstance(space, spaces.Box)
    return int(space.high.item())
