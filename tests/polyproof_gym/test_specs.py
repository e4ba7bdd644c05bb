from __future__ import annotations

import hypothesis
import pytest
from hypothesis import strategies as st

from polyproof_gym.errors import BadInput
from polyproof_gym.specs import Spec, format_spec, likeliest, split_specs, unknown

NAMES = st.from_regex(r"[a-z][a-z-]{0,8}", fullmatch=True)


@hypothesis.given(NAMES, st.dictionaries(NAMES, st.integers(-(10**9), 10**9)))
def test_what_is_formatted_is_read_again(name: str, values: dict[str, int]) -> None:
    spec = Spec.of(format_spec(name, values))
    assert spec.name == name
    assert spec.values(dict.fromkeys(values, int)) == values


@hypothesis.given(st.lists(st.tuples(NAMES, st.dictionaries(NAMES, st.integers(0, 99), max_size=3)), min_size=1))
def test_a_list_of_specs_is_split_where_one_ends(specs: list[tuple[str, dict[str, int]]]) -> None:
    texts = [format_spec(name, values) for name, values in specs]
    assert split_specs(",".join(texts)) == texts
    assert split_specs(", ".join(texts)) == texts


def test_format_spec() -> None:
    assert format_spec("petersen", {}) == "petersen"
    assert format_spec("kneser", {"n": 6, "k": 2}) == "kneser:n=6,k=2"


def test_numbers_have_the_type_of_their_key() -> None:
    assert Spec.of(" a : n = 3 , p=0.5,").values({"n": int, "p": float}) == {"n": 3, "p": 0.5}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a:m=3", "a: expected n=..., p=..., got 'm=3'"),
        ("a:n", "a: expected n=..., p=..., got 'n'"),
        ("a:n=1,n=2", "a: expected 'n' once, got it twice"),
        ("a:n=1.0", "a: expected a whole number for 'n', got '1.0'"),
        ("a:n=1_0", "a: expected a whole number for 'n', got '1_0'"),
        ("a:p=high", "a: expected a number for 'p', got 'high'"),
    ],
)
def test_settings_that_cannot_be_read_are_refused(text: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        Spec.of(text).values({"n": int, "p": float})
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("given", "otherwise", "message"),
    [
        ("product", None, "unknown rule 'product', did you mean 'products'?"),
        ("zzz", None, "unknown rule 'zzz', expected one of products, squares"),
        (3, "see the list", "unknown rule 3, see the list"),
    ],
)
def test_an_unknown_name_is_told_with_the_closest_one(given: object, otherwise: str | None, message: str) -> None:
    assert str(unknown("rule", given, ["products", "squares"], otherwise)) == message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dual", "dual-guided"),
        ("guided", "dual-guided"),
        ("sherali-adams", "static-sherali-adams"),
        ("RANDOM_CLOSED", "random-closed"),
        ("rand", "random"),
        ("radnom", "random"),
        ("random-closd", "random-closed"),
        ("xyz", None),
        ("", None),
    ],
)
def test_the_likeliest_name(text: str, expected: str | None) -> None:
    assert likeliest(text, ["random", "random-closed", "dual-guided", "static-sherali-adams"]) == expected


def test_the_dashes_of_options_make_none_alike() -> None:
    assert likeliest("--instances", ["--steps", "--seed"]) is None
    assert likeliest("--stps", ["--steps", "--seed"]) == "--steps"
