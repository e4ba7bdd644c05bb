"""The state of a proof: what is known, what can be derived next, and the best bound so far."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from polyproof_gym.arguments import instance_of, whole
from polyproof_gym.errors import BadInput, InvalidProof
from polyproof_gym.polynomials import Monomial, Polynomial, Rational
from polyproof_gym.problems.cases import Split, split_near, splittable_variables
from polyproof_gym.problems.problem import Problem
from polyproof_gym.proofs.bound_lp import BoundLP, LPSolution, LPStatus
from polyproof_gym.proofs.candidate_features import FREE
from polyproof_gym.proofs.checker import MAX_DIGITS
from polyproof_gym.proofs.estimates import ESTIMATE_ROUNDS
from polyproof_gym.proofs.limits import UNLIMITED, default_limits
from polyproof_gym.proofs.memory import Memory, scaled_values
from polyproof_gym.proofs.reasons import Reason
from polyproof_gym.proofs.remainder_lp import RemainderLP
from polyproof_gym.proofs.rules import ActionBlocks, Extents, InferenceRule, Limits, ProductNumbers, View, make_rules

MAX_DENOMINATOR_DIGITS = MAX_DIGITS // 2
"""Longest common denominator of an objective's coefficients; as many digits are left for the multipliers of a proof."""

MAX_PRODUCTS = 50_000_000
"""Largest number of inequalities times variables that is kept track of (about 45 bytes each)."""

MAX_IMAGES = 20_000_000
"""Largest number of monomials times variables that a proof may begin with (about 30 bytes each)."""


class ProofState:
    """A proof in the making.

    Actions number the possible derivations: first the block of the first rule, then that of the second, and so on.
    Whatever is derived is computed exactly; the floats of the LP say how good it is, not whether it is true.

    Attributes:
        problem: What is to be proved.
        limits: What inequalities may grow to.
        memory: The known inequalities, the problem's axioms first.
        lp: The LP that finds the best bound they prove; it may leave a remainder, see :meth:`absorb_remainders`.
        num_actions: Number of actions, valid or not.
        capacity: Number of inequalities that actions are numbered for.
        num_variables: Number of variables that actions are numbered for.
        num_constraints: Number of constraints that actions are numbered for.
        max_steps: The step budget; actions may be numbered for more.
        leaves_objective_out: Whether this is the :attr:`emptiness` of a proof, where products alone are looked for.
        suggested: Exact multipliers that prove a good bound, if any were suggested.
        mismatches: How often the exact bound was found to differ from the LP's (counted by ``certify``).
    """

    def __init__(
        self,
        problem: Problem,
        *,
        max_steps: int = 100,
        limits: Limits | None = None,
        rules: Sequence[InferenceRule | str] | str | None = None,
        capacity: int | None = None,
        num_variables: int | None = None,
        num_constraints: int | None = None,
    ) -> None:
        """Start a proof that knows the axioms.

        Args:
            problem: What is to be proved.
            max_steps: The most derivations by action there will be.
            limits: What inequalities may grow to; by default :func:`default_limits`.
            rules: The inference rules, what :func:`~polyproof_gym.proofs.rules.make_rules` takes; by default products
                with variables. Without any there are no actions.
            capacity: The number of inequalities that actions are numbered for, by default axioms plus ``max_steps``.
            num_variables: The number of variables that actions are numbered for, by default the problem's.
            num_constraints: The number of constraints that actions are numbered for, by default the problem's.

        Raises:
            BadInput: If an argument is of another kind, there would be too many actions, or too few for the axioms, or
                too many products of monomials and variables, or the objective is beyond the range of floats, or has a
                common denominator that is too long for a proof file.
        """
        instance_of(problem, Problem, "problem")
        max_steps = whole(max_steps, "max_steps", 0)
        if limits is not None:
            instance_of(limits, Limits, "limits")
        opened = () if isinstance(rules, tuple | list) and not rules else make_rules(rules)
        _require_short_denominator(problem)
        self.problem = problem
        self.limits = limits or default_limits(problem.shape, rules=opened)
        self.memory = Memory(problem.ring, problem.minimised)
        self.memory.add_axioms(problem.axioms)
        self._num_axioms = len(self.memory)
        capacity = self._num_axioms + max_steps if capacity is None else whole(capacity, "capacity", 0)
        width = problem.num_variables if num_variables is None else whole(num_variables, "num_variables", 0)
        _require_room(problem, self.memory, capacity, width)
        self.capacity, self.num_variables, self.max_steps = capacity, width, max_steps
        self.num_constraints = (
            len(problem.constraints) if num_constraints is None else whole(num_constraints, "num_constraints", 0)
        )
        view = View(
            self.memory,
            self.limits,
            capacity,
            width,
            constraints=problem.constraints,
            num_constraints=self.num_constraints,
            objective=problem.minimised,
            integer=problem.integer_intervals,
            symmetries=problem.symmetries,
            splittable=splittable_variables(problem),
            fixed=tuple(i for i, (low, high) in enumerate(problem.box) if low == high),
        )
        self._blocks = ActionBlocks(opened, view)
        self._emptiness: ProofState | None = None
        self.leaves_objective_out = False
        self.mismatches = 0
        self.suggested: dict[int, Rational] = {}
        self.num_actions = self._blocks.num_actions
        try:
            self._trivial = problem.sign * float(problem.trivial_bound)
            objective = _objective_vector(problem, self.memory)
            if problem.minimised and not objective.any():
                raise OverflowError
            self.lp: BoundLP = BoundLP(self.memory, objective, _ceiling(problem))
        except OverflowError:
            raise BadInput(f"{problem.name}: expected an objective within the range of floats") from None
        if self._blocks.leave_remainders:
            self.absorb_remainders()

    def absorb_remainders(self) -> None:
        """Let the LP leave remainders from now on, of which the signs prove a bound, as proofs may.

        Squares with rounded coefficients combine to the objective only up to a little; see
        :class:`~polyproof_gym.proofs.remainder_lp.RemainderLP`.
        """
        if not isinstance(self.lp, RemainderLP):
            self.lp, self._emptiness = RemainderLP(self.memory, *self.lp.given), None

    def suggest(self, multipliers: Mapping[int, Rational], moments: Mapping[Monomial, float] | None = None) -> None:
        """Tell of exact multipliers that prove a good bound, found elsewhere; ``certify`` tries them first.

        Args:
            multipliers: Numbers that are not negative, by inequality.
            moments: The pseudo-moments that show that there is no better bound, if they are known; others are 0. Where
                both are optimal, up to float errors, they are the solution of the LP, and need not be looked for.

        Raises:
            ValueError: If there is no such inequality, or a multiplier is negative.
        """
        if not all(0 <= j < len(self.memory) and value >= 0 for j, value in multipliers.items()):
            raise ValueError("expected multipliers that are not negative, of inequalities that are known")
        self.suggested = {j: value for j, value in multipliers.items() if value}
        if moments is not None and not isinstance(self.lp, RemainderLP):
            floats = np.array([float(multipliers.get(j, 0)) for j in range(len(self.memory))])
            expected = np.array([moments.get(monomial, 0.0) for monomial in self.memory.monomials])
            self.lp.adopt(floats * self.memory.scales / self.lp.scale, expected)

    @property
    def steps(self) -> int:
        """Number of inequalities derived so far."""
        return len(self.memory) - self._num_axioms

    @property
    def steps_left(self) -> int:
        """Number of inequalities that the step budget still allows, and that there is room for; 0 after a split."""
        if self._blocks.chosen is not None:
            return 0
        return max(0, min(self.max_steps - self.steps, self.capacity - len(self.memory)))

    @property
    def rules(self) -> tuple[InferenceRule, ...]:
        """The inference rules."""
        return self._blocks.rules

    @property
    def products(self) -> ProductNumbers | None:
        """The actions that are products with variables; ``None`` if no rule gives these."""
        return self._blocks.products

    # Cases ---------------------------------------------------------------------------------------------------------

    def split_variable(self, action: int) -> int | None:
        """The variable that an action splits, valid or not; ``None`` if it derives something."""
        return self._blocks.split_variable(action)

    def split_action(self, variable: int) -> int | None:
        """The action that splits a variable, valid or not; ``None`` if no rule gives splits."""
        return self._blocks.split_action(variable)

    @property
    def chosen_split(self) -> Split | None:
        """Where the case is to be split, once an action has said so; then no action is valid any more.

        An integer variable is split between the whole numbers that its pseudo-moment lies between, any other that is
        not 0 or 1 near it, where pseudo-moments are those of :meth:`estimated_moments`: the solver's depend on the
        order of the variables.
        """
        variable = self._blocks.chosen
        if variable is None:
            return None
        return split_near(self.problem, variable, float(self.estimated_moments()[self.memory.row_of[variable,]]))

    def forbid_splits(self) -> None:
        """Let no action split a variable any more."""
        self._blocks.forbid_splits()

    # What can be derived -------------------------------------------------------------------------------------------

    @property
    def _actions(self) -> ActionBlocks:
        """The blocks, with the slots of oracles filled."""
        if self._blocks.lack_proposals:
            self._blocks.propose(self.solution.moments)
        return self._blocks

    def action_mask(self) -> NDArray[np.bool_]:
        """Which actions give something new within the limits, shape ``(num_actions,)``. Not to be changed or kept."""
        return self._actions.mask()

    def reason(self, action: int) -> Reason:
        """The derivation that an action stands for.

        Raises:
            IndexError: If there is no such action.
        """
        return self._actions.reason(action)

    @property
    def num_slots(self) -> int:
        """The number of actions that are slots, whose meaning changes as oracles fill them anew."""
        return self._blocks.num_slots

    def valid_slots(self) -> NDArray[np.intp]:
        """The valid actions that are slots, ascending."""
        return self._actions.valid_slots()

    def slot_terms(self) -> Iterator[tuple[int, list[Monomial], NDArray[np.float64]]]:
        """The conclusions of valid slots.

        Returns:
            For each its number among all slots, its monomials, and their coefficients, divided by the largest.
        """
        return self._actions.slot_terms()

    def find_action(self, reason: Reason) -> int | None:
        """The action that stands for a derivation, valid or not; ``None`` if none of the rules derives in this way."""
        return self._actions.action(reason)

    def action(self, reason: Reason) -> int:
        """The same of a derivation that one of the rules must make.

        Raises:
            ValueError: If none does.
        """
        action = self.find_action(reason)
        if action is None:
            raise ValueError(f"no rule of this proof gives the reason {reason!r}")
        return action

    def conclusion(self, action: int) -> Polynomial:
        """What an action would derive, exactly."""
        return self.memory.conclusion(self.reason(action))

    def expectations(self, moments: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """The pseudo-expectation of every valid action's conclusion (0 elsewhere), shape ``(num_actions,)``.

        Each conclusion is divided by a coefficient: a product with a variable by the largest of the inequality it comes
        from, all others by their own largest. Below zero, and with
        :meth:`closed`, it is violated by the LP's dual solution: adding it may improve the bound at once.

        Args:
            moments: Pseudo-moments, one for every monomial, by default those of the present solution.

        Raises:
            ValueError: If there is not one moment for every monomial.
        """
        return self._actions.expectations(self.solution.moments if moments is None else moments)

    def limits_that_exclude(self) -> tuple[str, ...]:
        """Which limits leave out what would be new now: none, ``"max_degree"``, ``"max_terms"`` or both.

        To find that, everything derivable is looked at again, once or more, as at the start of a proof.
        """
        names = ("max_degree", "max_terms")
        valid = self._actions.num_valid()
        alone = tuple(name for name in names if self._num_valid_without(name) > valid)
        if alone:
            return alone
        return names if self._num_valid_without(*names) > valid else ()

    def _num_valid_without(self, *names: str) -> int:
        """The number of valid actions if some limits were lifted."""
        limits = replace(self.limits, **dict.fromkeys(names, UNLIMITED))
        return self._blocks.reopened(limits, len(self.memory)).num_valid()

    def widened(self, limits: Limits) -> ProofState:
        """The same proof with limits that admit more, to go on with instead; actions keep their numbers."""
        twin = copy.copy(self)
        twin.limits, twin._blocks = limits, self._blocks.reopened(limits, self.capacity)
        if self._emptiness is not None:
            twin._emptiness = copy.copy(self._emptiness)
            twin._emptiness.limits, twin._emptiness._blocks = limits, twin._blocks
        return twin

    def closed(self) -> NDArray[np.bool_]:
        """Which valid actions bring no new monomial, shape ``(num_actions,)``."""
        return self._actions.closed()

    def most_violated(self, below: float = -1e-9, tie: float = 1e-9) -> NDArray[np.intp]:
        """The closed valid actions whose conclusions have the smallest pseudo-expectation: the pricing step.

        Args:
            below: Only pseudo-expectations below this are looked for.
            tie: Those up to this much above the smallest are as good.

        Returns:
            The actions, ascending; empty if the bound cannot improve at once.
        """
        return self._actions.most_violated(self.solution.moments, below, tie)

    def extents(self, actions: NDArray[np.intp]) -> Extents:
        """How long the conclusions of valid actions are and how far each could still grow, one entry per action.

        Raises:
            ValueError: If an action is not valid.
        """
        return self._actions.extents(actions)

    def absent_shares(self, actions: NDArray[np.intp]) -> NDArray[np.float64]:
        """Which share of the terms of valid actions' conclusions are new monomials, about, shape ``(actions,)``.

        Raises:
            ValueError: If an action is not valid.
        """
        return self._actions.absent_shares(actions)

    def features(self, actions: NDArray[np.intp], moments: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """What tells valid actions apart that are violated about equally, shape ``(actions, len(FEATURES))``.

        See :data:`~polyproof_gym.proofs.candidate_features.FEATURES`.

        Args:
            actions: The actions.
            moments: Pseudo-moments, one for every monomial, by default those of the present solution.

        Raises:
            ValueError: If an action is not valid, or there is not one moment for every monomial.
        """
        return self._actions.features(actions, self.solution.moments if moments is None else moments)

    def phases(self, moments: NDArray[np.float64] | None = None, max_steps: int | None = None) -> NDArray[np.float64]:
        """How far the proof has come, shape ``(len(PHASES),)``.

        See :data:`~polyproof_gym.proofs.candidate_features.PHASES`.

        Args:
            moments: Pseudo-moments, one for every monomial, by default those of the present solution.
            max_steps: The step budget, where it is another than that of the proof.
        """
        moments = self.solution.moments if moments is None else moments
        rows = [self.memory.row_of.get((i,)) for i in range(self.problem.num_variables)]
        is_uncovered = any(row is not None and moments[row] > FREE for row in rows)
        budget = self.max_steps if max_steps is None else max_steps
        return np.array([1.0, self.steps / max(1, budget) - 0.5, float(is_uncovered)])

    def apply(self, action: int) -> int:
        """Derive what a valid action stands for, or choose to split what it splits (see :attr:`chosen_split`).

        Returns:
            The number of the new inequality; of a split, that of the last one.

        Raises:
            IndexError: If there is no such action.
            ValueError: If the action is not valid now, or there is no room for another inequality.
        """
        if len(self.memory) >= self.capacity:
            raise ValueError(f"no room for more than {self.capacity} inequalities (see max_steps)")
        if self._blocks.splits and self._blocks.split_variable(action) is not None:
            self._actions.choose_split(action)
            return len(self.memory) - 1
        return self._actions.derive(action)

    def derive(self, reason: Reason) -> int:
        """Add what a reason establishes, whether or not an action stands for it; the inequality's number.

        The LP is solved when the bound is next asked for, once for all that was added.

        Raises:
            InvalidProof: If the reason does not fit the problem, or follows from inequalities that are not known.
            ValueError: If it establishes nothing but ``0 >= 0``.
        """
        reason.require(self.problem)
        if not all(0 <= parent < len(self.memory) for parent in reason.parents):
            raise InvalidProof(f"{reason.describe(self.problem.ring)}: there is no such line")
        return self.memory.add(reason)

    # How good it is ------------------------------------------------------------------------------------------------

    @property
    def solution(self) -> LPSolution:
        """The bound LP's solution for the present memory."""
        return self.lp.solve()

    @property
    def bound(self) -> float:
        """The best bound so far, in the problem's own sense, in floats: the LP's or the trivial one.

        Where the LP finds that every bound holds, as no point satisfies the axioms, it is one beyond all values.
        """
        return self.problem.sign * max(self.solution.bound, self._trivial)

    @property
    def has_lp_bound(self) -> bool:
        """Whether the memory proves a bound; if not, only the trivial one of the unit box is known."""
        return math.isfinite(self.solution.bound)

    @property
    def is_contradictory(self) -> bool:
        """Whether what is known shows that no point satisfies the axioms, as far as floats can tell."""
        if self.solution.status is LPStatus.CONTRADICTORY:
            return True
        return self.problem.may_be_empty and self.emptiness.solution.status is LPStatus.CONTRADICTORY

    @property
    def emptiness(self) -> ProofState:
        """The same proof for the objective 0, of which only a contradiction proves a bound above 0.

        Both know the same inequalities: what is derived here is known there. The bound LP of an objective tells of a
        contradiction only once it has a bound; this one, which has one from the start, at once.
        """
        if not self.problem.objective:
            return self
        if self._emptiness is None:
            self._emptiness = twin = copy.copy(self)
            twin.problem, twin._trivial = self.problem.without_objective, 0.0
            twin.leaves_objective_out = True
            twin.lp = BoundLP(self.memory, np.zeros(1), counts=self.lp.counts)
        return self._emptiness

    def estimated_moments(self, rounds: int = ESTIMATE_ROUNDS) -> NDArray[np.float64]:
        """Pseudo-moments that are estimated, shape ``(monomials,)``; the solver's are ``solution.moments``.

        Those are a vertex among the optimal ones. These lie well within, so that conclusions that they violate cut off
        most of the optimal ones, but they may violate what is known by a little. See
        :func:`~polyproof_gym.proofs.estimates.estimated_solution`.

        Args:
            rounds: How many steps the method takes; its time is in proportion.

        Raises:
            ValueError: If that is less than 0.
        """
        return self.lp.estimated_moments(rounds)

    @property
    def multipliers(self) -> NDArray[np.float64]:
        """The LP's multipliers for inequalities and objective as they stand, shape ``(inequalities,)``."""
        return self.solution.multipliers * (self.lp.scale / self.memory.scales)

    def solved_afresh(self) -> ProofState:
        """The same proof with its LP solved from scratch; the memory is shared."""
        twin = copy.copy(self)
        twin.lp, twin._emptiness = self.lp.afresh(), None
        return twin

    def value_of(self, action: int) -> float:
        """How good the LP would be with a closed valid action's conclusion added; larger is better.

        The lower bound on the minimised objective, or minus the missing amount as long as there is none.

        Raises:
            IndexError: If there is no such action.
            ValueError: If the action is not valid now, or its conclusion has a monomial that does not occur yet.
        """
        terms = self.memory.conclusion(self._actions.valid_reason(action)).terms
        row_of = self.memory.row_of
        if any(monomial not in row_of for monomial in terms):
            raise ValueError(f"action {action} brings a new monomial")
        rows = np.array([row_of[monomial] for monomial in terms], np.int32)
        return self.lp.bound_with(rows, scaled_values(terms.values())[0])

    def is_reached(self, target: float, tolerance: float = 1e-9) -> bool:
        """Whether the bound is at least as good as a target, up to a tolerance relative to the target's size."""
        return reaches(self.problem.sign * self.bound, self.problem.sign * target, tolerance)

    def clone(self) -> ProofState:
        """An independent copy that goes on from the same basis, for look-ahead."""
        return copy.deepcopy(self)


def reaches(bound: float, target: float, tolerance: float = 1e-9) -> bool:
    """Whether a lower bound is at least as good as a target, up to a tolerance relative to the target's size."""
    return bound >= target - tolerance * (1.0 + abs(target))


def _require_short_denominator(problem: Problem) -> None:
    common = math.lcm(*(coefficient.denominator for coefficient in problem.objective.terms.values()))
    if common.bit_length() * math.log10(2) > MAX_DENOMINATOR_DIGITS:
        raise BadInput(
            f"{problem.name}: expected coefficients of the objective with a common denominator of at most"
            f" {MAX_DENOMINATOR_DIGITS} digits"
        )


def _require_room(problem: Problem, memory: Memory, capacity: int, width: int) -> None:
    """Check that the actions for so many inequalities and variables are enough for the axioms, and not too many."""
    if capacity < len(memory) or width < problem.num_variables:
        raise BadInput(
            f"{problem.name}: expected actions for at least {len(memory)} inequalities and"
            f" {problem.num_variables} variables, got {capacity} and {width}"
        )
    if capacity * width > MAX_PRODUCTS:
        raise BadInput(
            f"{problem.name}: expected at most {MAX_PRODUCTS // width - len(memory)} steps,"
            " beyond which there are too many products to keep track of"
        )
    if len(memory.monomials) * width > MAX_IMAGES:
        raise BadInput(
            f"{problem.name}: expected a problem with at most {MAX_IMAGES // width} monomials in {width} variables,"
            f" beyond which there are too many products to keep track of, got {len(memory.monomials)}"
        )


def _objective_vector(problem: Problem, memory: Memory) -> NDArray[np.float64]:
    vector = np.zeros(1 + sum(1 for monomial in problem.minimised.terms if monomial))
    for monomial, coefficient in problem.minimised.terms.items():
        vector[memory.row_of[monomial]] = float(coefficient)
    return vector


def _ceiling(problem: Problem) -> float:
    return math.inf if problem.incumbent is None else problem.sign * float(problem.incumbent)
