"""The environments' names in Gymnasium, without loading it for those who do not use it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

_ENTRY_POINT = "polyproof_gym.envs.polyproof_env:PolyProofEnv"
_VECTOR_ENTRY_POINT = "polyproof_gym.envs.vector_env:PolyProofVectorEnv"

REWARD_THRESHOLDS = {
    "PolyProof-StableSet15-v0": 1.0,
    "PolyProof-StableSet20-v0": 1.0,
    "PolyProof-StableSet25-v0": 0.99,
    "PolyProof-StableSet30-v0": 0.98,
    "PolyProof-StableSet35-v0": 0.98,
    "PolyProof-StableSet40-v0": 0.97,
    "PolyProof-StableSet45-v0": 0.97,
    "PolyProof-StableSet50-v0": 0.96,
    "PolyProof-Caprasse-v0": 0.99,
    "PolyProof-Butcher-v0": 1.0,
    "PolyProof-Heart-v0": 0.97,
    "PolyProof-Lv-v0": 1.0,
    "PolyProof-Magnetism-v0": 0.88,
    "PolyProof-RobustMargin-v0": 1.0,
}
"""Mean returns from which on an agent counts as good, with the reward ``"gap"``: what ``dual-guided`` reaches on the
problem, or on the first ten held-out ones, rounded down to two digits."""


def register_when_loaded() -> None:
    """Register the environments: now if Gymnasium has been imported, else as soon as it will be."""
    if "gymnasium" in sys.modules:
        _register()
    else:
        sys.meta_path.insert(0, _Waiting())


def _register() -> None:
    import gymnasium as gym

    settings: dict[str, dict[str, Any]] = {"PolyProof-v0": {}}
    for n in range(15, 51, 5):
        problem = f"random-stable-set:n={n},p_min=0.5,p_max=1.0"
        settings[f"PolyProof-StableSet{n}-v0"] = {"problem": problem, "max_steps": 100}
    for name in ("caprasse", "butcher", "heart", "lv", "magnetism"):
        settings[f"PolyProof-{name.capitalize()}-v0"] = {"problem": name, "max_steps": 100}
    margin = "robust-margin:model=digits-quadratic,latent=8,radius=0.3,norm=inf"
    settings["PolyProof-RobustMargin-v0"] = {"problem": margin, "max_steps": 100}
    for identifier, keywords in settings.items():
        # No max_episode_steps: that of the registry would cut episodes short where max_steps is larger. Environments
        # end them themselves, and put their own max_steps into the specs that they carry.
        gym.register(
            identifier,
            entry_point=_ENTRY_POINT,
            vector_entry_point=_VECTOR_ENTRY_POINT,
            reward_threshold=REWARD_THRESHOLDS.get(identifier),
            kwargs=keywords,
        )


class _Waiting:
    """Finds Gymnasium when it is imported, and has the environments registered after that."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where Gymnasium is, for the import system; no answer for other modules."""
        if name != "gymnasium":
            return None
        sys.meta_path.remove(self)
        spec = find_spec(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_register(module: ModuleType) -> None:
                execute(module)
                _register()

            spec.loader.exec_module = execute_and_register  # type: ignore[method-assign]
        return spec
