"""Names and messages as they may be shown: what they were read from may have been made to mislead."""

from __future__ import annotations

import re

INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Characters that Python calls printable although nothing is seen of them (fillers, variation selectors, blanks)."""


def printable(text: str) -> str:
    r"""The text with escapes such as ``\x1b`` for all characters that are not seen, or change how others are seen.

    These are control and format characters (escape sequences, line ends, bidirectional overrides, zero widths), blanks
    other than the space, lone surrogates, and code points without a character.
    """
    return "".join(
        character if character.isprintable() and not INVISIBLE.match(character) else _escaped(character)
        for character in text
    )


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
