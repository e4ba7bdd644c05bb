"""A proof once more, line by line, with the bound that is known after each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from polyproof_gym.polynomials import ONE
from polyproof_gym.proofs.memory import Memory
from polyproof_gym.proofs.proof import Proof
from polyproof_gym.proofs.reasons import Axiom, Reason
from polyproof_gym.proofs.state import ProofState


class Replayed(NamedTuple):
    """A moment of a replay.

    Attributes:
        line: The line that was added last, ``None`` at the start, where the axioms are known.
        state: What is known. It goes on with the replay.
    """

    line: int | None
    state: ProofState


def replay(proof: Proof) -> Iterator[Replayed]:
    """The start, and what is known after every line that is no axiom.

    The bounds are those of the LP, in floats, in which all lines so far count: the last may be better than the proof's.

    Raises:
        InvalidProof: If a line does not fit the problem.
    """
    derived = [j for j, reason in enumerate(proof.reasons) if not isinstance(reason, Axiom)]
    state = ProofState(proof.problem, max_steps=len(derived), rules=())
    if set(proof.remainder.terms) - {ONE}:
        state.absorb_remainders()
    yield Replayed(None, state)
    numbers: dict[int, int] = {}
    for j, reason in enumerate(proof.reasons):
        if proof.lines[j]:  # others say that 0 >= 0, as all that follows from them does
            numbers[j] = reason.index if isinstance(reason, Axiom) else state.derive(reason.renumbered(numbers))
        if not isinstance(reason, Axiom):
            yield Replayed(j, state)


def with_detours(proof: Proof, memory: Memory) -> Proof:
    """The same proof with all that was derived on the way to it, but for axioms that nothing follows from.

    Args:
        proof: The proof.
        memory: What its search derived. Where a line of the proof is missing there, the proof stays as it is.
    """
    found = {j: memory.number_of(line) for j, line in enumerate(proof.lines)}
    multipliers = {found[j]: value for j, value in proof.multipliers.items()}
    used = {*multipliers, *(parent for reason in memory.reasons for parent in reason.parents)}
    kept = [k for k, reason in enumerate(memory.reasons) if k in used or not isinstance(reason, Axiom)]
    numbers = {number: j for j, number in enumerate(kept)}
    if None in multipliers:
        return proof
    reasons: tuple[Reason, ...] = tuple(memory.reasons[k].renumbered(numbers) for k in kept)
    return Proof(
        proof.problem,
        reasons,
        {numbers[k]: value for k, value in multipliers.items() if k is not None},
        rounded=proof.rounded,
        target=proof.target,
        promised=proof.promised,
        search=proof.search,
    )
