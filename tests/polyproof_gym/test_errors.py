from __future__ import annotations

import pickle

import pytest

from polyproof_gym import BadInput


@pytest.mark.parametrize("character", ["\n", "\r", "\x1b", "\u202e", "\u2028", "\ud800", "\x00"])
def test_a_message_stays_one_line_that_is_shown_as_it_is(character: str) -> None:
    message = str(BadInput(f"expected a name, got {character}x"))
    assert message.isprintable()
    assert message.startswith("expected a name, got \\")


def test_other_messages_and_copies_are_as_given() -> None:
    error = BadInput("erwartet: größer als ∞, x₁")
    assert str(error) == str(pickle.loads(pickle.dumps(error))) == "erwartet: größer als ∞, x₁"
