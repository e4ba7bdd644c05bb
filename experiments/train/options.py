"""The command-line options of what reads the configuration of a training."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from experiments.options import seed
from experiments.train.settings import change, load_config, setting
from experiments.train.shipped import SHIPPED, config_file
from polyproof_gym import BadInput


def config_options(parser: argparse.ArgumentParser, kind: str, change_help: str, seed_help: str) -> None:
    """Add ``--config``, ``--set``, ``--seed``, ``--out`` and ``--resume``.

    Args:
        parser: The parser.
        kind: The folder for all of its kind, within ``runs``.
        change_help: What ``--set`` does.
        seed_help: What the seed is of.
    """
    parser.add_argument(
        "--config",
        type=config_file,
        required=True,
        metavar="C",
        help=f"configuration of a training: a YAML file, or one of {', '.join(SHIPPED)}",
    )
    parser.add_argument(
        "--set",
        type=setting,
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help=f"change a setting of the configuration, {change_help}; repeatable",
    )
    parser.add_argument("--seed", type=seed, default=0, help=f"source of {seed_help} (default: %(default)s)")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help=f"default: runs/{kind}/NAME-seedSEED")
    parser.add_argument("--resume", action="store_true", help="go on with what was interrupted")
    parser.set_defaults(kind=kind)


def folder_of(options: argparse.Namespace) -> Path:
    """The folder of ``--out``, or that of the configuration and the seed."""
    folder: Path | None = options.out
    return folder or Path("runs") / options.kind / f"{options.config.stem}-seed{options.seed}"


@contextmanager
def configuration(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """The configuration with its changes; what is found to be wrong with it in the context is said to be in its file.

    Raises:
        BadInput: If it cannot be read, or changed in this way.
    """
    content = load_config(options.config)
    try:
        for keys, value in options.set:
            change(content, keys, value)
        yield content
    except BadInput as error:
        raise BadInput(f"{options.config}: {error}") from None
