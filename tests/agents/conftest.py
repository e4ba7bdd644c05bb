from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    """Small networks gain nothing from threads, which wait for each other where tests run in parallel."""
    import torch

    torch.set_num_threads(1)
