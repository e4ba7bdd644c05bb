"""How input is quoted in the one line of an error: abridged, and without characters that would act on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

_LENGTH = 40
_NAMES = 8


def quoted(text: str) -> str:
    """The text in quotation marks, at most some 40 characters of it, control characters escaped."""
    return repr(text if len(text) <= _LENGTH else f"{text[: _LENGTH - 12]}...{text[-8:]}")


def listed(names: Sequence[str]) -> str:
    """The names, separated by commas; of many, the first ones and their number."""
    shown = ", ".join(quoted(name)[1:-1] for name in names[:_NAMES])
    return shown if len(names) <= _NAMES else f"{shown}, ... ({len(names)} in all)"
