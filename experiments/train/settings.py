"""Reading configurations: names are checked with the closest match, values by the kind of their defaults."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from polyproof_gym import BadInput
from polyproof_gym.arguments import as_whole, is_finite_number, shown
from polyproof_gym.problems import Problem, ProblemGenerator, make_source
from polyproof_gym.specs import unknown

HELD_OUT = {"held_out": 20, "held_out_every": 0}
"""How many held-out problems the agent is tried on at the end, and after how many updates or steps it is tried on them
during the training as well, 0 for never: settings of all trainings, with their defaults."""

LEAST_OF_RUN = {"held_out_every": 0}
"""The smallest numbers of settings of all trainings, where it is not 1."""


MOST = {
    **{"held_out": 10_000, "envs": 1_000, "workers": 256},
    **{"population": 1_000, "n_delta": 1_000, "problems": 1_000},
    **{"width": 1_024, "rounds": 32, "estimate_rounds": 100_000},
    **{"buffer_size": 10_000_000, "batch_size": 65_536, "n_steps": 100_000},
}
"""The largest whole numbers of some names: what takes memory, or time before the first sign of life, in proportion."""

MOST_OF_OTHERS = 10**9
"""The largest whole number of all other names."""


def load_config(path: Path) -> dict[str, Any]:
    """The content of a YAML file.

    Raises:
        BadInput: If it cannot be read, or holds anything else than names and values.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # also dates and numbers that are none
        raise BadInput(f"{path}: expected a YAML file ({' '.join(str(error).split())})") from None
    if not isinstance(content, dict):
        raise BadInput(f"{path}: expected a YAML file with names and values")
    return content


def setting(text: str) -> tuple[list[str], Any]:
    """Read a change of a configuration, such as ``settings.learning_rate=0.01``; the value is YAML.

    Returns:
        The keys from the outermost one on, and the value.

    Raises:
        argparse.ArgumentTypeError: If it is none.
    """
    name, equals, value = text.partition("=")
    keys = name.strip().split(".")
    try:
        if equals and all(keys):
            return keys, yaml.safe_load(value)
    except (yaml.YAMLError, ValueError, RecursionError):
        pass
    raise argparse.ArgumentTypeError(f"expected KEY=VALUE, such as settings.learning_rate=0.01, got {text!r}")


def change(content: dict[str, Any], keys: Sequence[str], value: Any) -> None:
    """Change a configuration in place.

    Args:
        content: The configuration.
        keys: The keys from the outermost one on; groups that are not there yet are made.
        value: The new value.

    Raises:
        BadInput: If there is a value where a group is expected.
    """
    for depth, key in enumerate(keys[:-1], start=1):
        content = content.setdefault(key, {})
        if not isinstance(content, dict):
            raise BadInput(f"expected a group of settings as {'.'.join(keys[:depth])}, got {shown(content)}")
    content[keys[-1]] = value


def require_names(what: str, given: Any, known: Iterable[str]) -> dict[str, Any]:
    """What is given, if it consists of known names and their values.

    Raises:
        BadInput: If it does not.
    """
    if not isinstance(given, dict):
        raise BadInput(f"expected names and values as {what}, got {shown(given)}")
    names = list(known)
    for name in given:
        if name not in names:
            kind = {"key": "key", "settings": "setting"}.get(what, f"setting of the {what}")
            raise unknown(kind, name, names)
    return given


def resolved(
    what: str, given: Any, defaults: Mapping[str, Any], least: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """Defaults, and what is given in their place.

    Args:
        what: What they are, for messages.
        given: Names and values; whole numbers must be positive and within :data:`MOST`, other numbers not negative.
        defaults: The names that are known, with values of the kind that is expected; ``None`` for a number or none.
        least: The smallest whole number of some names where it is not 1.

    Raises:
        BadInput: If a name is unknown, or a value is of another kind or out of range.
    """
    values = require_names(what, given, defaults)
    for name, value in values.items():
        limits = (least or {}).get(name, 1), MOST.get(name, MOST_OF_OTHERS)
        expected = _mismatch(value, defaults[name], *limits)
        if expected:
            raise BadInput(f"{what}: expected {expected} as {name}, got {shown(value)}")
    return {**defaults, **values}


def _mismatch(value: Any, default: Any, least: int, most: int) -> str | None:
    """What is expected instead of a value that is not of the kind of a default."""
    if isinstance(default, bool):
        return None if isinstance(value, bool) else "true or false"
    if isinstance(default, int):
        number = as_whole(value)
        if number is None or number < least:
            return f"a whole number of at least {least}"
        return None if number <= most else f"a whole number of at most {most}"
    if isinstance(default, str):
        return None if isinstance(value, str) else "text"
    if default is None and value is None:
        return None
    return (
        None
        if is_finite_number(value) and value >= 0
        else "a number of at least 0 (with a point before an exponent: 1.0e-4)"
    )


def generators(specs: Any) -> list[ProblemGenerator]:
    """The generators of a list of spec strings.

    Raises:
        BadInput: If it is no such list, or one of them names a single problem.
    """
    if not (isinstance(specs, list) and specs and all(isinstance(spec, str) for spec in specs)):
        raise BadInput(f"expected a list of spec strings as problems, got {shown(specs)}")
    sources = [make_source(spec) for spec in specs]
    for source in sources:
        if isinstance(source, Problem):
            raise BadInput(f"expected random problems to train on, got {source.name}")
    return [source for source in sources if not isinstance(source, Problem)]
