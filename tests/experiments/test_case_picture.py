from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from agents import prove
from experiments.case_picture import (
    FOOT,
    HEAD,
    LEAST_ROW,
    MAX_ROW,
    MAX_TREE_HEIGHT,
    RESULTS,
    WIDTH,
    Place,
    picture_of_cases,
    places_of,
)
from polyproof_gym import ProofTree, polynomial
from polyproof_gym.envs.picture import BLUE, RED
from tests.polyproof_gym.proofs.trees import cubic, paired, tree


def has(picture: NDArray[np.uint8], colour: str) -> bool:
    """Whether some pixel has a colour."""
    return bool((picture == np.round(255 * np.array(to_rgb(colour))).astype(int)).all(axis=2).any())


def test_cases_say_what_the_split_says_and_what_is_proved() -> None:
    proof = prove("cycle:n=9", "branch")
    assert isinstance(proof, ProofTree)
    whole, below, above = places_of(proof)
    assert whole == Place(None, 0, 0.5, "", is_split=True)
    assert (below.parent, below.depth, below.row, below.condition, below.bound) == (0, 1, 0.0, "x₈ = 0", 4.0)
    assert (above.parent, above.depth, above.row, above.condition, above.bound) == (0, 1, 1.0, "x₈ = 1", 4.0)
    assert [below.derivations, above.derivations] == [
        proof_of.num_derivations for proof_of in (found.node.proof(found.case) for found in proof.cases())
    ]


def test_what_is_split_stands_between_its_halves() -> None:
    proof = tree(cubic(), depth=3)
    places = places_of(proof)
    assert [place.row for place in places if not place.is_split] == [*range(proof.num_leaves)]
    for number, place in enumerate(places):
        halves = [other for other in places if other.parent == number]
        assert len(halves) == (2 if place.is_split else 0)
        if halves:
            assert place.row == (halves[0].row + halves[1].row) / 2
            assert {half.depth for half in halves} == {place.depth + 1}
    assert min(place.bound for place in places if place.bound is not None) == pytest.approx(float(proof.bound))


def test_a_case_without_a_point_has_no_bound() -> None:
    problem = polynomial("x", box={"x": (0, 4)}, constraints=["x >= 3"])
    below, above = (place for place in places_of(tree(problem, depth=1, prove_leaf=paired)) if not place.is_split)
    assert (below.condition, below.bound) == ("x ≤ 2", None)
    assert (above.condition, above.bound) == ("x ≥ 2", 3.0)


def test_the_worst_bound_is_red_and_others_are_blue() -> None:
    picture = picture_of_cases(tree(cubic(), depth=2))
    assert picture.dtype == np.uint8
    assert has(picture, RED)
    assert has(picture, BLUE)


@pytest.mark.parametrize("depth", [1, 5, 7, 8])
def test_pictures_grow_with_the_cases_as_long_as_they_can_be_shown(depth: int) -> None:
    problem = polynomial("x + y + z + u + v + w + s + t", boolean=[*"xyzuvwst"])
    height, width, _ = picture_of_cases(tree(problem, depth, prove_leaf=paired)).shape
    assert WIDTH <= width <= WIDTH + RESULTS
    assert height - HEAD - FOOT == round(min(MAX_ROW * 2**depth, MAX_TREE_HEIGHT))


def test_a_hundred_cases_have_room_for_small_print() -> None:
    assert MAX_TREE_HEIGHT / 100 >= LEAST_ROW


def test_a_proof_of_a_single_case_is_drawn() -> None:
    assert picture_of_cases(tree(cubic(), depth=0)).shape[1] == WIDTH
