"""What has come since a file was last written whole, line by line, so that nothing of it is lost."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import BinaryIO

from polyproof_gym import BadInput

ENDING = ".journal"
"""What the name of a journal adds to that of its file."""


class Journal:
    """Lines in a file of its own, beside the one that they belong to. A line costs the same however many there are.

    The first line is a heading: those of a file with another one are not read.

    Attributes:
        path: The journal.
    """

    def __init__(self, file: Path, heading: str) -> None:
        """Prepare the journal; it is opened when there is something to write.

        Args:
            file: The file that it belongs to.
            heading: What the lines have in common, on one line.
        """
        self.path = file.with_name(file.name + ENDING)
        self._heading = heading
        self._opened: BinaryIO | None = None

    def lines(self) -> list[str]:
        """The lines that are there from an earlier run; one that is not whole, since that run ended, is left out.

        Raises:
            BadInput: If the journal cannot be read.
        """
        try:
            text = self.path.read_bytes().decode("utf-8", errors="replace")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise BadInput(f"{self.path}: cannot be read ({(error.strerror or '').lower()})") from None
        heading, *lines = text.split("\n")[:-1] or [""]
        return lines if heading == self._heading else []

    def append(self, line: str) -> None:
        """Write a line, which is there from now on even if this process is killed.

        Raises:
            BadInput: If that is impossible.
        """
        try:
            if self._opened is None:
                self._opened = self.path.open("wb", buffering=0)
                _write(self._opened, self._heading)
            _write(self._opened, line)
        except OSError as error:
            raise BadInput(f"{self.path}: cannot be written ({(error.strerror or '').lower()})") from None

    def clear(self) -> None:
        """Remove the journal, whose lines its file has now.

        Raises:
            BadInput: If that is impossible.
        """
        if self._opened is not None:
            self._opened.close()
            self._opened = None
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise BadInput(f"{self.path}: cannot be removed ({(error.strerror or '').lower()})") from None


def _write(file: BinaryIO, line: str) -> None:
    """Write a line, which nothing else may follow where only a part of it has found room.

    Raises:
        OSError: If that is impossible.
    """
    content = f"{line}\n".encode()
    if file.write(content) < len(content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
