"""The rules that what is installed suffices for."""

from __future__ import annotations

from importlib.util import find_spec

from polyproof_gym.proofs.rules import RULES

USABLE_RULES = [name for name in RULES if name != "symmetries" or find_spec("igraph")]
