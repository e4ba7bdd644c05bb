from __future__ import annotations

import multiprocessing
from typing import Any

import pytest

from polyproof_gym.envs.worker import ROOM, Line

CONTEXT = multiprocessing.get_context("spawn")
MESSAGES = [b"", b"short", bytes(ROOM), bytes(ROOM + 1), bytes(range(256)) * 40]


class _LateMessage:
    """A semaphore on which waiting ends in vain, just before a message comes."""

    def __init__(self, semaphore: Any, sender: Line, message: bytes) -> None:
        self._semaphore = semaphore
        self._sender = sender
        self._message = message
        self._is_sent = False

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        if not block or self._is_sent:
            return bool(self._semaphore.acquire(block, timeout))
        self._is_sent = True
        self._sender.send(self._message)
        return False

    def release(self) -> None:
        self._semaphore.release()


@pytest.mark.parametrize("message", MESSAGES, ids=len)
def test_messages_arrive_in_both_directions(message: bytes) -> None:
    here, there = Line.pair(CONTEXT)
    for sender, receiver in ((here, there), (there, here), (here, there)):
        sender.send(message)
        assert receiver.receive() == message


@pytest.mark.parametrize("message", MESSAGES, ids=len)
def test_a_message_that_comes_as_waiting_for_it_ends_is_not_lost(message: bytes) -> None:
    here, there = Line.pair(CONTEXT)
    box: Any = there._inbox
    box.is_full = _LateMessage(box.is_full, here, message)
    assert there.receive() == message


def test_the_last_message_of_a_process_that_has_ended_arrives() -> None:
    here, there = Line.pair(CONTEXT)
    here.send(b"the last words")
    here.close()
    assert there.receive() == b"the last words"
    with pytest.raises((EOFError, ConnectionError)):
        there.receive()
