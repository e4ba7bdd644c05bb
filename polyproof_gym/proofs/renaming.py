"""Proofs in which lines are renamed, with derivations in place of the renamings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from polyproof_gym.polynomials import Rational
from polyproof_gym.problems.symmetry import Permutation
from polyproof_gym.proofs.proof import Proof
from polyproof_gym.proofs.reasons import Reason, Renamed

_Place = tuple[int, Permutation]
"""A line, and what its variables are renamed to."""


def without_renamings(proof: Proof) -> Proof:
    """The same proof for readers who know no renamings: each renamed line is derived as the line itself was.

    Lines that the bound does not need are left out, unless nothing is renamed at all.
    """
    if not any(isinstance(reason, Renamed) for reason in proof.reasons):
        return proof
    numbers: dict[_Place, int] = {}
    derived: dict[Reason, int] = {}  # with their new numbers
    for line, images in _needed(proof):
        reason = proof.reasons[line]
        if isinstance(reason, Renamed):
            numbers[line, images] = numbers[_parent_of(reason, images)]
        else:
            parents = {parent: numbers[parent, images] for parent in reason.parents}
            shown = reason.renamed(images, proof.problem).renumbered(parents)
            numbers[line, images] = derived.setdefault(shown, len(derived))
    unchanged = _identity(proof)
    multipliers: dict[int, Rational] = {}
    for line, value in proof.multipliers.items():
        number = numbers[line, unchanged]
        multipliers[number] = multipliers.get(number, 0) + value
    return replace(proof, reasons=tuple(derived), multipliers=multipliers)


def _identity(proof: Proof) -> Permutation:
    return (*range(proof.problem.num_variables),)


def _parent_of(renaming: Renamed, images: Permutation) -> _Place:
    """What a line is that was renamed before, and is renamed again."""
    return renaming.parent, tuple([images[i] for i in renaming.images])


def _needed(proof: Proof) -> Iterator[_Place]:
    """The lines that the combination needs, with the renamings that they are needed in, parents first."""
    unchanged = _identity(proof)
    needed: list[dict[Permutation, None]] = [{} for _ in proof.reasons]
    for line in proof.multipliers:
        needed[line][unchanged] = None
    for line, reason in reversed([*enumerate(proof.reasons)]):
        for images in needed[line]:
            if isinstance(reason, Renamed):
                parent, composed = _parent_of(reason, images)
                needed[parent][composed] = None
            else:
                for parent in reason.parents:
                    needed[parent][images] = None
    for line, found in enumerate(needed):
        yield from ((line, images) for images in found)
