# ruff: noqa: RUF001  (characters that look like others are what the language is tested with)
import pytest

from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials import variable_names
from polyproof_gym.polynomials.tokens import MAX_LENGTH, common_meaning, name_from_text, tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2x1 + .5", [("number", "2", 1), ("name", "x1", 2), ("sign", "+", 5), ("number", ".5", 7), ("end", None, 9)]),
        ("1e-3x", [("number", "1e-3", 1), ("name", "x", 5), ("end", None, 6)]),
        ("2e", [("number", "2", 1), ("name", "e", 2), ("end", None, 3)]),
        (
            "x**2≤y",
            [
                ("name", "x", 1),
                ("sign", "^", 2),
                ("number", "2", 4),
                ("sign", "<=", 5),
                ("name", "y", 6),
                ("end", None, 7),
            ],
        ),
        ("x₁⁻² ", [("name", "x_1", 1), ("power", "-2", 3), ("end", None, 5)]),
        ("x[1,2]=½", [("name", "x_1_2", 1), ("sign", "==", 7), ("number", "1/2", 8), ("end", None, 9)]),
    ],
)
def test_words_and_their_columns(text: str, words: list[tuple[str, str | None, int]]) -> None:
    assert [(kind, None if kind == "end" else word, column) for kind, word, column in tokens(text)] == words


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        (["x10 + x2 + x1"], ["x1", "x2", "x10"]),
        (["b*a", "a + c >= 1"], ["a", "b", "c"]),
        (["x2y10 + x2y9 + x10y1"], ["x2y9", "x2y10", "x10y1"]),
        (["1 + 2"], []),
        (["2e3x"], ["x"]),
        (["x_1 + x_10 + x_9"], ["x_1", "x_9", "x_10"]),
        (["x[10] + x_{2}", "0 <= x₃"], ["x_2", "x_3", "x_10"]),
        (["x² + 𝑦"], ["x", "y"]),
    ],
)
def test_names_come_in_natural_order(texts: list[str], names: list[str]) -> None:
    assert variable_names(*texts) == names


@pytest.mark.parametrize("name", ["x" + "1" * 5000, "ñ2", "x_"])
def test_unusual_names_have_an_order(name: str) -> None:
    assert sorted(variable_names(f"{name} + a")) == sorted(["a", name])


def test_order_of_names_with_leading_zeros_does_not_depend_on_hashes() -> None:
    """Text hashes differ from run to run, and with them the order of a set."""
    order = [variable_names(f"{letter}1 + {letter}01")[0][1:] for letter in "abcdefghijklmnopqrstuvwxyz"]
    assert len(set(order)) == 1


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *[(spelling, "x_1") for spelling in ("x_1", "x[1]", "x_{1}", "x₁", " x[ 1 ] ", "x[01]")],
        *[("x", "x"), ("x1", "x1"), ("𝑥", "x"), ("ｘ", "x"), ("λ", "λ"), ("x[1,2]", "x_1_2"), ("x[1][2]", "x_1_2")],
        *[("x_{i,j}", "x_i_j"), ("x_{max}", "x_max"), ("x_12", "x_12"), ("x_{12}", "x_12"), ("e3", "e3"), ("pi", "pi")],
    ],
)
def test_every_spelling_of_a_name_has_one_canonical_form(text: str, name: str) -> None:
    assert name_from_text(text) == name
    assert name_from_text(name) == name


@pytest.mark.parametrize(
    "text",
    ["", " ", "1", "x y", "x+y", "-x", "x(", "x(1)", "x[", "x[]", "x[i]", "x[-1]", "x[1.5]", "x{1}", "_x", "²", "x²"],
)
def test_what_is_not_one_name_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"^expected the name of a variable, such as x, x1 or x\[1\], got "):
        name_from_text(text)


@pytest.mark.parametrize("text", ["exp(x)", "x + f (y)", "x[1](y)", "x₁(y)"])
def test_names_before_parentheses_are_functions(text: str) -> None:
    with pytest.raises(BadInput, match="is a function, not a polynomial"):
        variable_names(text)


@pytest.mark.parametrize(
    "text", ["9" * 1_000_000 + "..", "1" * 1_000_000 + "e", "x[" * 300_000, "x_{" * 300_000, "x" * 1_000_000 + "²" * 9]
)
def test_long_words_take_no_longer_than_their_length(text: str) -> None:
    """A search that starts again at every character would take hours."""
    try:
        names = variable_names(text)
    except BadInput as error:
        names = [str(error)]
        assert len(names[0]) < 200
    assert len(names) == 1


def test_texts_beyond_the_limit_are_refused() -> None:
    with pytest.raises(BadInput, match=f"at most {MAX_LENGTH} characters"):
        variable_names("x" + " " * MAX_LENGTH)


def test_characters_that_act_on_a_terminal_are_escaped() -> None:
    for character in "\x1b\u202e\u2066\x00\x7f\ud800":
        with pytest.raises(BadInput) as error:
            variable_names(f"x + {character}y")
        assert str(error.value).isprintable()


@pytest.mark.parametrize("name", ["pi", "π", "e", "E", "inf", "nan", "oo", "exp", "sqrt", "max", "and"])
def test_names_that_mean_something_else(name: str) -> None:
    meaning = common_meaning(name)
    assert meaning is not None
    assert name in meaning


@pytest.mark.parametrize("name", ["x", "x1", "epsilon", "gamma", "p", "expx"])
def test_names_that_mean_nothing_else(name: str) -> None:
    assert common_meaning(name) is None
