"""The words of the language in which people type polynomials: numbers, names of variables, signs.

Text is read as it is copied from other programs, pages and papers: Unicode minus, multiplication and comparison signs,
superscripts, mathematical italics, spaces of every width. A variable with an index has one name, however the index is
written: ``x[1]``, ``x_{1}``, ``x₁`` and ``x_1`` are all ``x_1`` (and ``x1`` is another variable).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from polyproof_gym.errors import BadInput
from polyproof_gym.polynomials.messages import quoted

MAX_LENGTH = 2_000_000
"""Longest text that is read, in characters."""

SUPERSCRIPTS: Final = "⁰¹²³⁴⁵⁶⁷⁸⁹"
SUBSCRIPTS: Final = "₀₁₂₃₄₅₆₇₈₉"
_FRACTIONS: Final = "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"

_ALIKE: Final = {
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u02d7\ufe58\ufe63\uff0d\u2796",  # hyphens, dashes, minus signs
    "+": "\ufe62\uff0b\u2795",
    "*": "\u00d7\u00b7\u2217\u22c5\u2219\u2022\u2715\u2716\u2a2f\u204e\ufe61\uff0a\u2062",  # the last one is invisible
    "/": "\u00f7\u2044\u2215\u2797\uff0f",
    "=": "\uff1d\ufe66",
    "\u2264": "\u2a7d\u2266",  # ≤ for ⩽ and ≦
    "\u2265": "\u2a7e\u2267",
    "<": "\uff1c\ufe64",
    ">": "\uff1e\ufe65",
    "^": "\uff3e\u02c4\u2303",
    "(": "\uff08\ufe59",
    ")": "\uff09\ufe5a",
    " ": "\u200b\u2060\ufeff\u2061",  # of no width; the last stands between a function and its argument
}
_FONTS: Final = ("MATHEMATICAL ITALIC ", "FULLWIDTH ", "PLANCK CONSTANT")


class _Plain(dict[int, str]):
    """One character for each character of a text: the sign or letter that it stands for."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character.isspace():
            character = " "
        elif unicodedata.name(character, "").startswith(_FONTS):
            letter = unicodedata.normalize("NFKC", character)
            character = letter if len(letter) == 1 else character
        self[code] = character
        return character


_PLAIN: Final = _Plain({ord(alike): sign for sign, signs in _ALIKE.items() for alike in signs})

_STRICT = "a strict inequality describes a set without its boundary; write '{}='"
_REFUSED: Final = {
    "<": _STRICT.format("<"),
    ">": _STRICT.format(">"),
    "<>": "the points where two sides differ are no closed set",
    "!=": "the points where two sides differ are no closed set",
    "≠": "the points where two sides differ are no closed set",
    "=<": "write '<='",
    "=>": "write '>='",
    ",": "decimals are written with a point, as in 0.5, and thousands without a separator",
    "|": "absolute values are not polynomials",
    "!": "factorials are not read",
    "%": "percentages are not read; write 5/100",
    "√": "roots are not polynomials",
    "∛": "roots are not polynomials",
    "∞": "infinity is not a rational number",
    "±": "one sign is expected: + or -",
    "[": "write parentheses; square brackets hold the index of a variable, as in x[1]",
    "]": "write parentheses; square brackets hold the index of a variable, as in x[1]",
    "\\": "commands of LaTeX are not read",
    "_": "names begin with a letter",
}

_LIST: Final = "a formula is no list; write one for each variable, as in -1 <= x <= 3"

_LETTER: Final = rf"[^\W\d_{SUPERSCRIPTS}{SUBSCRIPTS}{_FRACTIONS}]"
_WORD: Final = rf"[^\W{SUPERSCRIPTS}{SUBSCRIPTS}{_FRACTIONS}]"
_TOKEN = re.compile(
    r"\s*+(?:(?P<number>(?:[0-9]++\.?+[0-9]*+|\.[0-9]++)(?:[eE][-+]?[0-9]++)?+)"
    rf"|(?P<fraction>[{_FRACTIONS}])"
    rf"|(?P<name>{_LETTER}{_WORD}*+)"
    rf"|(?P<superscript>[⁺⁻]?+[{SUPERSCRIPTS}]++)"
    r"|(?P<refused>=[<>]|<>|!=|[<>](?!=)|[≠,|!%√∛∞±\[\]\\_])"
    r"|(?P<sign>\*\*|<=|>=|==|[-+*/^(){}=≤≥]))"
)
_INDEX = re.compile(rf"(?:\[(?P<numbers>[^][]*+)\]|(?<=_)\{{(?P<words>[^{{}}]*+)\}}|(?P<subscript>[{SUBSCRIPTS}]++))")
_DIGITS_AROUND = re.compile(r"[0-9],\s*[0-9]")
_CALL = re.compile(r"\s*+\(")
_AFTER_A_PLAIN_NAME = frozenset({"", *"+-*/^)<>=²³"})
_LETTERS = ("Lu", "Ll", "Lt", "Lo")

_FUNCTIONS = frozenset(
    re.findall(
        r"\w+",
        """abs acos acosh arccos arcsin arctan asin asinh atan atan2 atanh cbrt ceil ceiling cos cosh cot coth csc det
        diff erf exp factorial floor gcd int integral lcm lim ln log log10 log2 max min mod norm pow prod round sec sgn
        sign sin sinh sqrt sum tan tanh""",
    )
)
_CONSTANTS = frozenset({"pi", "π", "e", "inf", "infinity", "oo", "nan", "none", "true", "false"})
_CONNECTIVES = frozenset({"and", "or", "not", "if", "else", "in", "for", "subject", "st"})


class Token(NamedTuple):
    """A word of a text: what kind it is, what it says, and the column where it begins, counted from 1.

    The kinds are ``number``, ``name`` (the text is then the variable's canonical name), ``power`` (a superscript, as
    plain digits), ``sign`` and ``end``.
    """

    kind: str
    text: str
    column: int


def tokens(text: str) -> Iterator[Token]:
    """The words of the text, one after the other; the last is of the kind ``end``.

    Raises:
        BadInput: Where none begins, with the column.
    """
    if not isinstance(text, str):
        raise BadInput(f"expected text, got a value of type {type(text).__name__}")
    if len(text) > MAX_LENGTH:
        raise BadInput(f"expected a text of at most {MAX_LENGTH} characters, got {len(text)}")
    plain = text if text.isascii() else text.translate(_PLAIN)
    position = 0
    end = len(plain.rstrip())
    while position < end:
        match = _TOKEN.match(plain, position)
        if match is None:
            column = position + len(plain[position:]) - len(plain[position:].lstrip())
            raise BadInput(f"column {column + 1}: expected a number, a name or an operator, got {text[column]!r}")
        kind = str(match.lastgroup)
        word, column, position = match.group(kind), match.start(kind) + 1, match.end()
        if kind == "name":
            word, position = _indexed(plain, word, position)
        elif kind == "refused":
            is_list = word == "," and not _DIGITS_AROUND.match(plain, column - 2)
            raise BadInput(f"column {column}: {word!r} is not read: {_LIST if is_list else _REFUSED[word]}")
        elif kind == "fraction":
            kind, word = "number", unicodedata.normalize("NFKC", word).replace("\u2044", "/")
        elif kind == "superscript":
            kind, word = "power", unicodedata.normalize("NFKC", word).replace("\u2212", "-")
        elif kind == "sign":
            word = {"≤": "<=", "≥": ">=", "=": "==", "**": "^"}.get(word, word)
        yield Token(kind, word, column)
    yield Token("end", "the end of the text", end + 1)


def _indexed(plain: str, word: str, position: int) -> tuple[str, int]:
    """The canonical name that begins with ``word``, and where it ends."""
    if word.isascii() and plain[position : position + 1] in _AFTER_A_PLAIN_NAME:  # most names in a long text
        return word, position
    start = position - len(word) + 1
    for offset, character in enumerate(word):
        if not character.isascii() and unicodedata.category(character) not in _LETTERS:
            raise BadInput(f"column {start + offset}: expected a letter, a digit or an operator, got {character!r}")
    name = word
    while match := _INDEX.match(plain, position):
        numbers, words, subscript = match.groups()
        inner = numbers if numbers is not None else words if words is not None else subscript
        parts = [_index(part.strip(), words is not None) for part in inner.split(",")]
        if None in parts:
            expected = "words or whole numbers" if words is not None else "whole numbers"
            raise BadInput(
                f"column {position + 1}: expected {expected} as the index of {quoted(word)}, got {quoted(inner)}"
            )
        name = "_".join([name.removesuffix("_") if words is not None else name, *map(str, parts)])
        position = match.end()
    if plain.startswith("[", position):
        raise BadInput(f"column {position + 1}: expected the index of {quoted(word)} and ']'")
    if _CALL.match(plain, position):
        if word.lower() in _FUNCTIONS:
            raise BadInput(f"column {start}: {word}( is a function, not a polynomial")
        call = f"{quoted(name)[1:-1]}("
        raise BadInput(f"column {start}: {call} is a function, not a polynomial; for a product write {call[:-1]}*(")
    return name, position


def _index(part: str, words: bool) -> str | None:
    """One index in its canonical form, or ``None`` if it is none."""
    if part and all(character in SUBSCRIPTS for character in part):
        part = unicodedata.normalize("NFKC", part)
    if part.isascii() and part.isdigit():
        return part.lstrip("0") or "0"
    return part if words and part.isascii() and part.isalnum() else None


def natural_order(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Sorting key under which ``x2`` comes before ``x10``."""
    parts = [part for part in re.split(r"(\d+)", name) if part]
    key = [(0, len(part.lstrip("0")), part.lstrip("0")) if part.isdecimal() else (1, 0, part) for part in parts]
    return key, name


def variable_names(*texts: str) -> list[str]:
    """The canonical names that occur in the texts, in natural order (``x2`` before ``x10``).

    Raises:
        BadInput: If a text has words that are not of the language, with the column.
    """
    names = {token.text for text in texts for token in tokens(text) if token.kind == "name"}
    return sorted(names, key=natural_order)


@lru_cache(maxsize=4096)  # long lists name the same variables again and again
def name_from_text(text: str) -> str:
    """The canonical name of the variable that the text names, in any spelling: ``x_1`` for ``x[1]``.

    Raises:
        BadInput: If the text is not one name.
    """
    try:
        kinds = [(token.kind, token.text) for token, _ in zip(tokens(text), range(3), strict=False)]
    except BadInput:
        kinds = []
    if [kind for kind, _ in kinds] != ["name", "end"]:
        raise BadInput(f"expected the name of a variable, such as x, x1 or x[1], got {quoted(text)}")
    return kinds[0][1]


def common_meaning(name: str) -> str | None:
    """What the name says elsewhere, so that it is a variable only where it is declared; ``None`` if nothing."""
    if name.lower() in _FUNCTIONS:
        return f"{name} is a function, not a polynomial"
    if name.lower() in _CONSTANTS:
        return f"{name} is neither a declared variable nor a rational number"
    if name.lower() in _CONNECTIVES:
        return f"{name!r} is not a declared variable, and every constraint is written by itself"
    return None
