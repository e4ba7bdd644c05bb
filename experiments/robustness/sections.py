"""The sections, in the order in which they are measured and shown: questions of the paper, proofs and attacks."""

from __future__ import annotations

from experiments.robustness import (
    approximate,
    attacks,
    dimension,
    generators,
    interior,
    limits,
    many_classes,
    margins,
    network,
    projected,
    provers,
    transfer,
)
from experiments.sections import Section

SECTIONS = (
    Section("dimension", dimension.measure, quick={"latents": (2, 4), "smoothness": (1.0,), "samples": 1000}),
    Section("classes", many_classes.measure, quick={"classes": (2, 5), "latent": 5, "samples": 1000}),
    Section(
        "transfer",
        transfer.measure,
        quick={
            "angles": (0.5,),
            "distances": (1.0,),
            "points": 1000,
            "latent": 4,
            "samples": 10_000,
            "attacked": 5,
            "restarts": 1,
        },
    ),
    Section("projected", projected.measure, quick={"samples": 50, "latents": (4,), "spacing": 0.05}),
    Section("approximate", approximate.measure, quick={"latents": (4,), "samples": 1000, "images": 50}),
    Section(
        "provers",
        provers.measure,
        quick={"margins": (("iris-quadratic", 2, "linear"),), "agents": (("dual-guided", 20),), "points": 2},
    ),
    Section("network", network.measure, quick={"samples": 1000, "epochs": 2, "pairs": 100}, takes=("folder",)),
    Section("limits", limits.measure, limits.table, quick={"labels": (2,)}),
    Section("generators", generators.measure, quick={"latents": (4,), "pairs": 1000}),
    Section("margins", margins.measure, margins.table, quick={"families": (("robust-margin", 5),)}),
    Section("interior", interior.measure, interior.table, quick={"margins": interior.MARGINS[:1]}),
    Section("attacks", attacks.measure, quick={"models": (("iris-quadratic", 2, "linear"),), "points": 2}),
)
"""All sections."""
