"""What a proof of a case of a problem begins with."""

from __future__ import annotations

from polyproof_gym.problems.cases import Case, unit_images
from polyproof_gym.proofs.state import ProofState


def state_of_case(parent: ProofState, case: Case) -> ProofState:
    """A proof of a case of a problem, with the same rules, limits and numbers of actions as that of the problem.

    It knows what is known there as far as it can be derived in the case in the same way, or is known there anyway.

    Args:
        parent: The proof of the problem.
        case: The case, with its axioms by their numbers in the problem.
    """
    state = ProofState(
        case.problem,
        max_steps=parent.max_steps,
        limits=parent.limits,
        rules=parent.rules,
        capacity=parent.capacity,
        num_variables=parent.num_variables,
        num_constraints=parent.num_constraints,
    )
    memory, problem, limits = state.memory, parent.problem, parent.limits
    numbers = {number: k for k, number in enumerate(case.axioms)}
    images = unit_images(problem, case.problem)
    fixes = any(old != new and new[0] == new[1] for old, new in zip(problem.box, case.problem.box, strict=True))
    first = len(problem.axioms)
    for number, reason in enumerate(parent.memory.reasons[first:], first):
        if fixes:  # then a product with a variable may say what its parent says
            stated = parent.memory[number].substitute(images).primitive()
            known = memory.number_of(stated)
            if known is not None:
                numbers[number] = known
                continue
        moved = reason.in_case(problem, case.problem) if all(j in numbers for j in reason.parents) else None
        if moved is None:
            continue
        moved = moved.renumbered(numbers)
        polynomial = memory.conclusion(moved)
        says_nothing = polynomial.degree == 0 and polynomial.constant_term >= 0
        if not says_nothing and polynomial.degree <= limits.max_degree and len(polynomial) <= limits.max_terms:
            numbers[number] = memory.add(moved, polynomial)
    return state
