"""Where commands write to, and how they abridge."""

from __future__ import annotations

import os
from pathlib import Path

from polyproof_gym.errors import BadInput


def require_writable(out: Path, source: str) -> None:
    """Check that a file can be written, and is not the one that is read.

    Raises:
        BadInput: If that is not so.
    """
    if (out.exists() and not out.is_file()) or not out.parent.is_dir():
        raise BadInput(f"{out}: expected a file in an existing directory")
    if out.exists() and os.path.isfile(source) and out.samefile(source):
        raise BadInput(f"{out}: expected another file than the one that is read")


def abridged(number: str) -> str:
    """A number as text, without the middle of a long one."""
    return number if len(number) <= 60 else f"{number[:28]}...{number[-28:]}"
