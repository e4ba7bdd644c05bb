from __future__ import annotations

import unicodedata

import pytest

from polyproof_gym.printable import printable


@pytest.mark.parametrize("text", ["petersen", "a b", "x_1 ≥ λ·五", "Fünf", "שלום", "😀", "\\x1b", ""])
def test_what_is_seen_stays(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\0b", "a\\x00b"),
        ("two\nlines\r", "two\\nlines\\r"),
        ("\x85\x9b", "\\x85\\x9b"),
        ("\u202eabc\u202c", "\\u202eabc\\u202c"),
        ("\u2066a\u2069\u200e\u200f\u061c", "\\u2066a\\u2069\\u200e\\u200f\\u061c"),
        ("a\u200bb\u200d\ufeff\u00ad", "a\\u200bb\\u200d\\ufeff\\xad"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\ud800", "\\ud800"),
        ("x\u3164\uffa0\u115f", "x\\u3164\\uffa0\\u115f"),
        ("a\ufe0f\U000e0100\U000e0041", "a\\ufe0f\\U000e0100\\U000e0041"),
        ("a\u00a0b\u3000", "a\\xa0b\\u3000"),
    ],
)
def test_what_is_not_seen_or_moves_others_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_nothing_of_these_categories_is_left() -> None:
    everything = "".join(map(chr, range(0x110000)))
    left = {unicodedata.category(character) for character in printable(everything)}
    assert not left & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert {character for character in printable(everything) if unicodedata.category(character) == "Zs"} == {" "}
