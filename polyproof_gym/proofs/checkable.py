"""Whether the checker will take a file of a problem, told before anything is proved of it."""

from __future__ import annotations

from dataclasses import replace

from polyproof_gym.errors import BadInput, InvalidProof, ResourceLimit
from polyproof_gym.polynomials import Polynomial, Ring
from polyproof_gym.problems.problem import Problem
from polyproof_gym.proofs import checker
from polyproof_gym.proofs.proof import Proof


def require_checkable(problem: Problem) -> None:
    """Check that the problem, written out in a proof file, is within the limits of the checker.

    Exclusive pairs, of which there may be millions, are only counted. The rest is written and checked, with the proof
    of the trivial bound.

    Raises:
        BadInput: If it is not; or the file would not be valid, as the name of a variable is not an identifier.
    """
    ring, pairs = problem.ring, problem.ring.num_exclusive
    free = Ring(ring.variables, ring.idempotent)
    rest = replace(
        problem,
        objective=Polynomial(free, problem.objective.terms),
        axioms=tuple(Polynomial(free, axiom.terms) for axiom in problem.axioms),
    )
    pair = f",\n   [{problem.num_variables}, {problem.num_variables}]"
    work = 2 * (pairs + problem.num_variables) + problem.num_variables**2 // 50 if pairs else 0
    try:
        text = Proof(rest, (), {}).to_file(checker.MAX_WORK - work)
        checker.require_size(len(text) + (pairs + 1) * len(pair), checker.items_in(text.encode()) + 3 * pairs)
    except (InvalidProof, ResourceLimit, checker.ResourceLimit) as error:
        raise BadInput(f"{problem.name}: cannot be written to a proof file ({error})") from None
