from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from polyproof_gym import BadInput
from polyproof_gym.arguments import (
    LONGEST,
    as_whole,
    exact,
    file_path,
    finite,
    has_methods,
    instance_of,
    is_finite_number,
    one_of,
    seed_number,
    shown,
    text,
    truth,
    whole,
)
from tests.values import VALUES, Closed, Unindexed, Unshowable, identifier


@settings(max_examples=300, deadline=None)
@given(value=VALUES)
def test_every_value_is_shown_on_one_short_line(value: Any) -> None:
    line = shown(value)
    assert line == " ".join(line.split())
    assert len(line) <= LONGEST


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, "5"),
        ("a\nb", "'a\\nb'"),
        (10**5000, "int"),
        (Unshowable(), "Unshowable"),
        (np.eye(2), "array([[1., 0.], [0., 1.]])"),
    ],
    ids=identifier,
)
def test_values_are_shown_as_python_does(value: Any, expected: str) -> None:
    assert expected in shown(value)


@pytest.mark.parametrize("value", [3, np.int8(3), np.uint64(3), np.int64(3), np.array(3)])
def test_whole_numbers_of_python_and_numpy(value: Any) -> None:
    number = whole(value, "steps", 0, 5)
    assert (number, type(number)) == (3, int)
    assert seed_number(value) == as_whole(value) == 3


@pytest.mark.parametrize(
    "value",
    [3.0, np.float64(3), True, np.bool_(True), "3", None, Fraction(3), Decimal(3), [3], np.array([3]), Unindexed()],
)
def test_nothing_else_is_a_whole_number(value: Any) -> None:
    assert as_whole(value) is None
    with pytest.raises(BadInput, match="expected a whole number of at least 1 as steps, got "):
        whole(value, "steps", 1)
    with pytest.raises(BadInput, match="as seed, got "):
        seed_number(value)


@pytest.mark.parametrize("value", [0, 6, -(10**5000), np.int64(-1)], ids=identifier)
def test_whole_numbers_out_of_range(value: Any) -> None:
    with pytest.raises(BadInput, match="expected a whole number from 1 to 5 as steps, got "):
        whole(value, "steps", 1, 5)


@pytest.mark.parametrize("value", [-1, 2**64])
def test_seeds_out_of_range(value: int) -> None:
    with pytest.raises(BadInput, match="below 2\\*\\*64"):
        seed_number(value)


@pytest.mark.parametrize("value", [1, 1.0, np.float32(1), np.int8(1), Fraction(1), Decimal(1), np.array(1.0)])
def test_finite_numbers(value: Any) -> None:
    number = finite(value, "p", 0, 1)
    assert (number, type(number)) == (1.0, float)


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), 10**400, True, np.bool_(True), "1", 1j, None, [1.0], np.array([1.0]), Closed()],
    ids=identifier,
)
def test_what_is_no_finite_number(value: Any) -> None:
    assert not is_finite_number(value)
    with pytest.raises(BadInput, match="expected a finite number as p, got "):
        finite(value, "p")


def test_the_range_is_named_as_far_as_there_is_one() -> None:
    for limits, message in (((0, 1), "from 0 to 1"), ((3,), "of at least 3"), ((-float("inf"), 1), "of at most 1")):
        with pytest.raises(BadInput, match=message):
            finite(2 if 1 in limits else -2, "p", *limits)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3),
        (np.int64(2**62), 2**62),
        (0.1, Fraction(1, 10)),
        (np.float32(0.1), Fraction(1, 10)),
        (np.float16(0.1), Fraction(1, 10)),
        ("-104/5", Fraction(-104, 5)),
        (Decimal("0.1"), Fraction(1, 10)),
    ],
)
def test_exact_numbers_mean_what_they_print_as(value: Any, number: Fraction) -> None:
    assert exact(value, "target") == number
    assert type(exact(value, "target")) in (int, Fraction)


@pytest.mark.parametrize(
    "value", [True, np.bool_(False), "high", None, float("nan"), 1j, [1], Unshowable(), Closed()], ids=identifier
)
def test_what_is_no_exact_number(value: Any) -> None:
    with pytest.raises(BadInput, match="expected a finite number as target, got "):
        exact(value, "target")


def test_numbers_that_are_too_long() -> None:
    with pytest.raises(BadInput, match="target: numbers of more than 1000 digits"):
        exact("1e99999", "target")


def test_truth_values() -> None:
    assert truth(np.bool_(True), "copy") is True
    for value in (1, "yes", None, np.array(True)):
        with pytest.raises(BadInput, match="expected True or False as copy, got "):
            truth(value, "copy")


def test_texts_and_choices() -> None:
    assert text("a", "name") == one_of("a", "letter", ("a", "b")) == "a"
    with pytest.raises(BadInput, match="expected text as name, got 5"):
        text(5, "name")
    for value in ("c", 5, None, np.array(["a", "b"])):
        with pytest.raises(BadInput, match="expected one of 'a', 'b' as letter, got "):
            one_of(value, "letter", ("a", "b"))


@pytest.mark.parametrize("value", [2, 2.0, np.int8(2), np.float32(2)])
def test_a_number_stands_for_the_text_that_says_it(value: object) -> None:
    assert one_of(value, "norm", ("2", "inf")) == "2"
    assert one_of(np.inf, "norm", ("2", "inf")) == "inf"


@pytest.mark.parametrize("value", [1, True, 2.5, 10**400, -math.inf, math.nan])
def test_other_numbers_are_none_of_the_texts(value: object) -> None:
    with pytest.raises(BadInput, match=r"expected one of '1\.5', 'inf' as norm, got "):
        one_of(value, "norm", ("1.5", "inf"))


def test_classes_and_methods() -> None:
    assert instance_of(5, int, "number") == 5
    with pytest.raises(BadInput, match="expected an object of class int as number, got 'x'"):
        instance_of("x", int, "number")
    assert has_methods("text", "join", "split")
    assert not has_methods("text", "advance")
    assert not has_methods(str, "join")
    assert not has_methods(Closed(), "join")


def test_paths() -> None:
    assert file_path("a/b") == file_path(Path("a/b")) == Path("a/b")
    for value in (5, None, b"a", ["a"], "null\0", "x" * 5000):
        with pytest.raises(BadInput, match=r"expected (the path|a path)"):
            file_path(value)
