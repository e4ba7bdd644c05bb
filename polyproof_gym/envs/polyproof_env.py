"""The Gymnasium environment; it composes the proof state, an observation and a reward."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, SupportsFloat, cast

import gymnasium as gym
import numpy as np
from gymnasium import spaces
from gymnasium.envs.registration import EnvSpec
from numpy.typing import NDArray

from polyproof_gym.arguments import as_whole, finite, one_of, seed_number, shown, truth, whole
from polyproof_gym.envs import rendering
from polyproof_gym.envs.observation import ObservationArrays, ObservationSizes, Observer
from polyproof_gym.envs.reward import Reward, initial_gap, make_reward
from polyproof_gym.envs.text import render_text
from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import Rational
from polyproof_gym.problems import Problem, ProblemGenerator, ProblemShape, make_source
from polyproof_gym.problems.cases import shape_of_cases
from polyproof_gym.proofs import (
    InferenceRule,
    Limits,
    OpenLeaves,
    Proof,
    ProofState,
    ProofTree,
    Times,
    default_limits,
    make_rules,
    rule_names,
)
from polyproof_gym.proofs.rules import Splits

SIZES = {
    "num_variables": "at most {} variables",
    "num_axioms": "at most {} axioms",
    "degree": "a degree of at most {}",
    "max_terms": "at most {} terms of an inequality",
    "objective_terms": "at most {} terms of the objective",
}
"""The limits of a shape that problems in ``env.reset(options=...)`` keep, in words."""

MAX_ENTRIES = 5_000_000
"""Largest number of terms, padding included, of an observation (each takes 6 bytes, and 16 in the observation space)."""

Source = Any
"""A spec string, a problem, a generator or a graph: what :func:`~polyproof_gym.problems.make_source` takes."""


class PolyProofEnv(gym.Env[ObservationArrays, np.int64]):
    """Prove a bound on a polynomial by deriving inequalities, one multiplication at a time.

    ## Description

    The agent knows a set of inequalities `m(x) >= 0`, at first the axioms of a problem. Each action derives a new one
    by multiplying a known one by a variable `x_i` or by `1 - x_i`, which lie between 0 and 1. After every step a linear
    program finds the best bound on the objective `f` that nonnegative combinations of the known inequalities prove; the
    reward is how much the bound has improved. On stable set problems a static proof system (Sherali-Adams) needs all
    products of many factors; an agent that chooses well reaches the same bound with a few dozen.

    ## Action Space

    `Discrete(K * N * 2)`, where `N` is the number of variables and `K` the capacity of the memory (axioms +
    `max_steps`). Rules beyond the default ones append their own blocks of actions.

    | action | meaning |
    |---|---|
    | `(j * N + i) * 2 + 0` | multiply inequality `j` by `x_i` |
    | `(j * N + i) * 2 + 1` | multiply inequality `j` by `1 - x_i` |

    The rule `constraints` adds `K * C` actions, where `C` is the number of constraints: the action `j * C + k` of its block
    multiplies inequality `j` by constraint `k`. The rule `squares` adds `S` slots (32, or as many as `squares:slots=S` says):
    each holds a square, alone or times a known inequality, that a semidefinite program proposes at reset, or a product that
    prepares for it; when no slot is of use any more, all are filled with the squares that the pseudo-moments violate most.
    The rule `gaps` adds `N` slots: that of an integer variable holds the gap that its pseudo-moment lies in.
    The rule `symmetries` adds `K * G` actions (`G` is 8, or as `symmetries:generators=G` says): the action `j * G + k` of its
    block renames the variables of inequality `j` by generator `k` of the problem's symmetries, where there is one.
    The rule `splits` adds `N` actions: action `i` of its block splits the problem, or the case of it that is shown, in
    two, at variable `i` and near its pseudo-moment: `x_i <= v` and `x_i >= v`; an integer variable between two whole
    numbers, a Boolean one into 0 and 1. Each half is then proved on its own, and knows what was derived before as far as
    it can be derived there in the same way. There may be 128 cases, or as many as `splits:leaves=L` says.
    `state.split_action(i)` and `state.split_variable(action)` lead from variables to these actions and back.

    Where there are several cases, what is shown is always the worst one, that with the weakest bound: observation,
    mask, `state` and actions are those of its proof, in unit coordinates of its own; `leaves` holds all. The bound is
    that of the worst case, and the reward its improvement. `proof()` is then a proof by cases.

    An action is valid if inequality `j` exists and the product is nonzero, new, and within `max_degree` and `max_terms`.
    An invalid action changes nothing but the step count, earns 0 and is flagged in `info`. `action_masks()` gives the
    valid ones.

    ## Observation Space

    A flat `Dict` of one-dimensional arrays. `K`, `N` as above, `T = max_terms`, `D = max_degree`, `M` the most monomials
    that can occur, `F` the most that the objective may have, 1 included (they come first). Inequalities and monomials are listed in the order of their discovery; the order carries no meaning.

    | key | shape, type | range | meaning |
    |---|---|---|---|
    | `inequality_monomials` | `(K*T,)` int16, or int32 if M > 32768 | 0 .. M-1 | reshape to `(K, T)`: the monomial of every term; 0 in padding |
    | `inequality_coefficients` | `(K*T,)` float32 | -1 .. 1 | reshape to `(K, T)`: the coefficients, each inequality divided by its largest; 0 in padding |
    | `num_inequalities` | `(1,)` int32 | 0 .. K | how many rows of these are in use |
    | `monomials` | `(M*D,)` int8, or int16 if N > 127 | 0 .. N | reshape to `(M, D)`: the variables of every monomial, with repetition; `N` in padding; row 0 is the monomial 1 |
    | `num_monomials` | `(1,)` int32 | 0 .. M | how many monomials are in use |
    | `objective` | `(F,)` float32 | -1 .. 1 | coefficients, in the first F monomials, of the objective (negated if it is maximised), divided by the largest |
    | `exclusive` | `(N*N,)` int8 | 0, 1 | reshape to `(N, N)`: the pairs of variables whose product is 0 (the edges of a graph); symmetric; 0 in padding |
    | `idempotent` | `(N,)` int8 | 0, 1 | the variables with `x_i^2 = x_i`; 0 in padding |
    | `bound` | `(1,)` float32 | 0 .. 1e6 | share of the gap between initial bound and incumbent that is closed |
    | `step` | `(1,)` int32 | 0 .. max_steps | actions taken |
    | `action_mask` | `(actions,)` int8 | 0, 1 | the valid actions |
    | `slot_variables` | `(S*T*D,)` int8, or int16 if N > 127 | 0 .. N | with oracles only; reshape to `(S, T, D)`: the variables, with repetition, of every term of what each slot derives; `N` in padding and for slots that are not valid |
    | `slot_coefficients` | `(S*T,)` float32 | -1 .. 1 | with oracles only; reshape to `(S, T)`: the coefficients of these terms, each conclusion divided by its largest |
    | `multipliers` | `(K,)` float32 | 0 .. 1e6 | the LP's multiplier of every inequality, both scaled as above |
    | `pseudo_moments` | `(M,)` float32 | -1e6 .. 1e6 | the LP's dual value of every monomial: a pseudo-expectation |
    | `has_lp_bound` | `(1,)` int8 | 0, 1 | whether the LP has found a bound; if not, the two above come from the LP that minimises what is missing, and the pseudo-moment of 1 is 0 |

    The last three (`multipliers`, `pseudo_moments`, `has_lp_bound`) are absent with `lp_features=False`, the setting of the paper.

    An observation takes `6*K*T + M*D + 4*F + N*N + N + actions + 4*(K + M) + 17` bytes (with int16 and int8 indices; without the
    last three entries `4*(K + M) + 1` less), which `observation_bytes` tells. With the rule `splits`, `T` and `F` allow
    for the terms of cases too, and another case may be shown after any step, which may change all entries. On stable sets with n = 25 and 100 steps
    these are 89 kB (76 kB without), with n = 50 147 kB (120 kB without). Most of it is padding, which compresses well;
    and within an episode the arrays but for the mask, the bound and what the LP found only grow, so that the last
    observation holds the earlier ones.

    ## Starting State

    The axioms of the problem: of the fixed one, or of one drawn from the generator with the environment's own random
    numbers. `reset(options={"problem": ...})` uses another problem, given like the argument `problem`, for one episode;
    it may not be larger than those the environment was made for.

    ## Rewards

    The improvement of the bound, divided by the gap at reset between the initial bound and the incumbent (the value of a
    feasible point that a cheap heuristic found). Never negative; the return of an episode is its total improvement.
    `reward="raw"` gives the plain difference, and `reward="log"` the logarithm of the factor by which the open gap
    shrinks, so that late improvements count as well; with `reward="ratio"` the improvement is divided by the size of the
    incumbent. Before the LP is feasible the bound is the trivial one that the signs of
    the coefficients give on the unit box.

    ## Episode End

    Terminated when `target` is reached (`"incumbent"`: when the bound meets the incumbent, which is then optimal) or no
    action is valid (in the worst case, where there are several). Truncated after `max_steps` actions, which
    `env.spec.max_episode_steps` tells. After the end every action is invalid.

    ## Information

    | key | type | meaning |
    |---|---|---|
    | `bound` | float | the bound, in the problem's own sense |
    | `num_inequalities` | int | size of the memory; of several cases, that of the worst |
    | `num_leaves` | int | number of cases; 1 without splits |
    | `is_success` | bool | whether the target is reached; without a target, whether the bound meets the incumbent |
    | `invalid_action` | bool | whether the last action was invalid |
    | `action_mask` | int8 array | the valid actions |

    ## Arguments

    | argument | default | meaning |
    |---|---|---|
    | `problem` | `"random-stable-set:n=25"` | spec string, `Problem`, generator, or a graph as `stable_set` takes it |
    | `max_steps` | 100 | actions per episode |
    | `max_degree` | degree + 1, at least 3 | largest degree of a derived inequality |
    | `max_terms` | 64, or more if the problem or squares need it and an observation has room | largest number of terms of a derived inequality |
    | `lp_features` | `True` | whether the observation includes what the LP found |
    | `reward` | `"gap"` | `"gap"`, `"raw"`, `"log"` or `"ratio"` |
    | `target` | `None` | bound at which the episode ends: a number, `"incumbent"`, or none |
    | `rules` | `None`: the two products | inference rules: names such as `["products"]` (`polyproof rules` lists all), or rules of your own |
    | `render_mode` | `None` | `"ansi"`, `"rgb_array"` or `"human"` |

    ```python
    import gymnasium as gym, polyproof_gym
    env = gym.make("PolyProof-v0", problem="petersen", max_steps=100)
    env = gym.make("PolyProof-v0", problem="random-stable-set:n=25,p_min=0.5,p_max=1.0")
    ```

    ## References

    A. Fawzi, M. Malinowski, H. Fawzi, O. Fawzi, "Learning dynamic polynomial proofs", NeurIPS 2019.

    ## Version History

    * v0: initial version.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 (declared so by Gymnasium)
        "render_modes": ["ansi", "rgb_array", "human"],
        "render_fps": 4,
    }

    def __init__(
        self,
        problem: Source = "random-stable-set:n=25",
        *,
        max_steps: int = 100,
        max_degree: int | None = None,
        max_terms: int | None = None,
        lp_features: bool = True,
        reward: str = "gap",
        target: Rational | float | str | None = None,
        rules: Sequence[InferenceRule | str] | str | None = None,
        render_mode: str | None = None,
    ) -> None:
        """Make the environment; the class describes the arguments.

        Raises:
            BadInput: If an argument cannot be used.
        """
        self._spec: EnvSpec | None = None
        self.max_steps = whole(max_steps, "max_steps", 1)
        self._lp_features = truth(lp_features, "lp_features")
        self._make_reward = make_reward(reward)
        self._target_setting = _target(target)
        self._rules = make_rules(rules)
        if render_mode is not None:
            render_mode = one_of(render_mode, "render_mode", self.metadata["render_modes"])
        self.render_mode = render_mode
        self._source = make_source(problem)
        shape = self._shape_of(self._source)
        limits = default_limits(shape, max_degree, max_terms, self._rules)
        self._limits = _limits(limits, shape, self.max_steps, max_terms is not None)
        self._viewer: rendering.Viewer | None = None
        self._images: rendering.Images | None = None

        self.num_variables = shape.num_variables
        self.capacity = shape.num_axioms + self.max_steps
        self._num_constraints = shape.num_constraints
        state = self._new_state(_any_problem(self._source))
        actions, slots, self._products = state.num_actions, state.num_slots, state.products
        del state  # large problems have room for one only
        if not actions:
            raise BadInput(f"expected rules that give actions, got {', '.join(rule_names(self._rules))}")
        self._sizes = ObservationSizes.of(shape, self._limits, self.max_steps, actions, slots)
        _require_room(self._sizes)
        self.action_space = spaces.Discrete(actions)
        self.observation_space = cast("spaces.Space[ObservationArrays]", self._sizes.space(self._lp_features))
        layout = self._sizes.layout(self._lp_features)
        del layout["action_mask"]  # changes as a whole, and is copied straight from the state
        self._observer = Observer(self._sizes, {key: np.empty(shape, dtype) for key, (shape, dtype) in layout.items()})
        self._shares_arrays = False
        self._leaves: OpenLeaves | None = None  # until the first reset

    @property
    def spec(self) -> EnvSpec | None:
        """What `gym.make` was given; its `max_episode_steps` is always this environment's `max_steps`."""
        return self._spec

    @spec.setter
    def spec(self, spec: EnvSpec | None) -> None:
        self._spec = None if spec is None else replace(spec, max_episode_steps=self.max_steps)

    @property
    def leaves(self) -> OpenLeaves:
        """The proof of the present episode, by cases where there are splits.

        Raises:
            gymnasium.error.ResetNeeded: Before the first reset.
        """
        if self._leaves is None:
            raise gym.error.ResetNeeded("expected a reset before anything else")
        return self._leaves

    @property
    def state(self) -> ProofState:
        """The proof of the present episode; where there are cases, that of the worst, which is shown.

        Raises:
            gymnasium.error.ResetNeeded: Before the first reset.
        """
        return self.leaves.shown

    def _shape_of(self, source: Problem | ProblemGenerator) -> ProblemShape:
        """Limits on the sizes of what an episode with a problem may show."""
        return shape_of_cases(source) if any(isinstance(rule, Splits) for rule in self._rules) else source.shape

    def _new_state(self, problem: Problem) -> ProofState:
        return ProofState(
            problem,
            max_steps=self.max_steps,
            limits=self._limits,
            rules=self._rules,
            capacity=self.capacity,
            num_variables=self.num_variables,
            num_constraints=self._num_constraints,
        )

    # Actions -------------------------------------------------------------------------------------------------------

    def encode_action(self, inequality: int, variable: int, complement: bool) -> int:
        """The action that multiplies an inequality by ``x_variable``, or by ``1 - x_variable``.

        Raises:
            BadInput: If the inequality or the variable is out of range.
        """
        j, i, products = as_whole(inequality), as_whole(variable), self._products
        fits = j is not None and i is not None and 0 <= j < self.capacity and 0 <= i < self.num_variables
        if j is None or i is None or products is None or not fits:
            raise BadInput(f"no action multiplies inequality {shown(inequality)} by variable {shown(variable)}")
        sign = complement if isinstance(complement, bool | np.bool_) else whole(complement, "complement", 0, 1)
        return products.number(Times(j, i, bool(sign)))

    def decode_action(self, action: int) -> tuple[int, int, bool]:
        """The inequality, the variable, and whether the factor is ``1 - x_variable``.

        Raises:
            BadInput: If the action is not a product of this kind.
        """
        number, products = as_whole(action), self._products
        if number is None or products is None or not 0 <= number - products.first < len(products):
            raise BadInput(f"action {shown(action)} is not a product with a variable")
        product = products.product(number)
        return product.parent, product.variable, product.complement

    def action_masks(self) -> NDArray[np.bool_]:
        """Which actions are valid now, shape ``(actions,)``; the name that sb3-contrib looks for."""
        return self.state.action_mask().copy()

    # Observations --------------------------------------------------------------------------------------------------

    @property
    def observation_bytes(self) -> int:
        """Size of one observation in bytes."""
        return self._sizes.nbytes(self._lp_features)

    def observe_into(self, buffers: ObservationArrays) -> None:
        """From the next reset on, write observations into the arrays given, and return these instead of copies.

        Every step changes them. Copies of the environment return copies again.

        Args:
            buffers: One array for every entry of the observation space, of its shape and type.

        Raises:
            BadInput: If there is no such array for an entry, or it cannot be written as one piece.
        """
        for key, (shape, dtype) in self._sizes.layout(self._lp_features).items():
            buffer = buffers.get(key)
            fits = buffer is not None and (buffer.shape, buffer.dtype) == (shape, dtype)
            if buffer is None or not (fits and buffer.flags.c_contiguous and buffer.flags.writeable):
                raise BadInput(f"expected a contiguous, writable array of shape {shape} and type {dtype} for {key}")
        self._observer = Observer(self._sizes, buffers)
        self._shares_arrays = True

    # Episodes ------------------------------------------------------------------------------------------------------

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[ObservationArrays, dict[str, Any]]:
        """Start an episode; ``options={"problem": ...}`` chooses its problem.

        Raises:
            BadInput: If the seed or an option cannot be used, or the problem of the options is larger than those the
                environment was made for.
        """
        choice = _chosen_problem(options)
        super().reset(seed=None if seed is None else seed_number(seed))
        problem = self._next_problem(choice)
        self._leaves = None  # large problems have room for one state only
        self._leaves = OpenLeaves(self._new_state(problem))
        self._observer.start(self.state)
        self._bounds = [self.state.bound]
        self._gap = initial_gap(problem, self._bounds[0])
        self._reward: Reward = self._make_reward(problem, self._bounds[0])
        target = problem.incumbent if self._target_setting == "incumbent" else self._target_setting
        self._has_target = target is not None
        self._goal = problem.incumbent if target is None else target
        self._is_success = self._is_goal_reached()
        self._is_over = False
        if self.render_mode == "human":
            self.render()
        observation = self._observation()
        return observation, self._info(observation, invalid=False)

    def _next_problem(self, choice: Source | None) -> Problem:
        source = self._source if choice is None else make_source(choice)
        problem = source if isinstance(source, Problem) else source.sample(self.np_random)
        if choice is not None:
            self._require_fit(problem)
        return problem

    def _require_fit(self, problem: Problem) -> None:
        theirs = self._shape_of(problem)
        ours = replace(self._shape_of(self._source), degree=self._limits.max_degree)
        for key, expected in SIZES.items():
            most, got = getattr(ours, key), getattr(theirs, key)
            if got > most:
                raise BadInput(
                    f"{problem.name}: larger than the problems this environment was made for;"
                    f" expected {expected.format(most)}, got {got}"
                )

    def step(self, action: np.int64 | int) -> tuple[ObservationArrays, SupportsFloat, bool, bool, dict[str, Any]]:
        """Derive what the action stands for, or split a case, if it is valid, and find the new bound.

        Raises:
            BadInput: If the action is no whole number; of those, all that are not valid change nothing.
            gymnasium.error.ResetNeeded: Before the first reset.
        """
        number = as_whole(action)
        if number is None:
            raise BadInput(f"expected a whole number as action, got {shown(action)}")
        leaves, before = self.leaves, self._bounds[-1]
        state = leaves.shown
        invalid = self._is_over or not (0 <= number < state.num_actions and state.action_mask()[number])
        if not invalid:
            state.apply(number)
            if leaves.follow():
                self._observer.start(leaves.shown)
        bound = before if invalid else leaves.bound
        self._bounds.append(bound)
        if bound != before:
            self._is_success = self._is_goal_reached()
        if self.render_mode == "human":
            self.render()
        observation = self._observation()
        mask = observation["action_mask"]
        terminated = (self._has_target and self._is_success) or not mask[mask.argmax()]
        truncated = len(self._bounds) > self.max_steps
        self._is_over = terminated or truncated
        info = self._info(observation, invalid)
        return observation, self._reward(before, bound), terminated, truncated, info

    def _is_goal_reached(self) -> bool:
        return self._goal is not None and self.leaves.is_reached(float(self._goal))

    def _observation(self) -> ObservationArrays:
        gap_closed, state = abs(self._bounds[-1] - self._bounds[0]) / self._gap, self.state
        arrays = self._observer.write(state, gap_closed, len(self._bounds) - 1)
        if self._shares_arrays:
            return arrays
        observation = {key: array.copy() for key, array in arrays.items()}
        observation["action_mask"] = state.action_mask().view(np.int8).copy()
        return observation

    def _info(self, observation: ObservationArrays, invalid: bool) -> dict[str, Any]:
        leaves = self.leaves
        return {
            "bound": self._bounds[-1],
            "num_inequalities": len(leaves.shown.memory),
            "num_leaves": leaves.num_leaves,
            "is_success": self._is_success,
            "invalid_action": invalid,
            "action_mask": observation["action_mask"],
        }

    def proof(self) -> Proof | ProofTree:
        """The exact proof of the present bound, by cases where there are any."""
        return self.leaves.proof()

    def clone(self) -> PolyProofEnv:
        """An independent copy in the same state, random numbers included, for look-ahead; it renders nothing."""
        twin = copy.deepcopy(self)
        twin.render_mode = None
        return twin

    # Rendering -----------------------------------------------------------------------------------------------------

    def render(self) -> Any:
        """The proof so far: text (``"ansi"``), a picture (``"rgb_array"``), or shown in a window (``"human"``).

        Where no window can be opened, ``"human"`` prints the text.
        """
        if self.render_mode == "ansi":
            return render_text(self.leaves)
        if self.render_mode == "rgb_array":
            self._images = self._images or rendering.open_images()
            return self._images.image(self.leaves.problem, self.leaves.shown, self._bounds)
        if self.render_mode == "human":
            self._viewer = self._viewer or rendering.open_viewer()
            self._viewer.show(self.leaves, self._bounds)
        return None

    def close(self) -> None:
        """Close the window, if there is one."""
        self._images = None
        if self._viewer is not None:
            self._viewer.close()
            self._viewer = None

    def __getstate__(self) -> dict[str, Any]:
        """All but what draws; a copy has arrays of its own, whoever shares the original's."""
        return {**self.__dict__, "_viewer": None, "_images": None, "_shares_arrays": False}


def _target(given: Any) -> float | str | None:
    if given is None or (isinstance(given, str) and given == "incumbent"):
        return given
    try:
        return finite(given, "target")
    except BadInput:
        raise BadInput(f"expected a finite number or 'incumbent' as target, got {shown(given)}") from None


def _limits(limits: Limits, shape: ProblemShape, max_steps: int, are_terms_given: bool) -> Limits:
    """The limits on inequalities; by default, lengths that an observation has room for."""
    inequalities = shape.num_axioms + max_steps
    if not are_terms_given and inequalities * limits.max_terms > MAX_ENTRIES:
        limits = replace(limits, max_terms=max(min(64, limits.max_terms), shape.max_terms, MAX_ENTRIES // inequalities))
    if inequalities * limits.max_terms > MAX_ENTRIES:
        raise BadInput(
            f"expected at most {MAX_ENTRIES} terms in an observation, see max_steps and max_terms, got"
            f" {shown(inequalities)} inequalities of {limits.max_terms} terms"
        )
    return limits


def _require_room(sizes: ObservationSizes) -> None:
    """Check the other array that grows with a limit."""
    if sizes.objective > MAX_ENTRIES:
        raise BadInput(
            f"expected at most {MAX_ENTRIES} terms in the objective of an observation, got {shown(sizes.objective)}"
        )
    if sizes.slots * sizes.terms * sizes.degree > 4 * MAX_ENTRIES:
        raise BadInput(
            f"expected at most {4 * MAX_ENTRIES} variables in the slots of an observation, got {sizes.slots} slots of"
            f" {sizes.terms} terms of degree {sizes.degree}"
        )
    if sizes.monomials * sizes.degree > 4 * MAX_ENTRIES:
        raise BadInput(
            f"expected at most {4 * MAX_ENTRIES} variables in the monomials of an observation, see max_degree, got"
            f" {sizes.monomials} monomials of degree {sizes.degree}"
        )


def _chosen_problem(options: Any) -> Source | None:
    """The problem that the options of a reset name, if they do."""
    if options is None:
        return None
    if not isinstance(options, Mapping) or not set(options) <= {"problem"}:
        raise BadInput(f"expected options={{'problem': ...}}, got {shown(options)}")
    return options.get("problem")


def _any_problem(source: Problem | ProblemGenerator) -> Problem:
    return source if isinstance(source, Problem) else source.held_out(0)
