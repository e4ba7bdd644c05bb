from __future__ import annotations

from experiments.robustness.sections import SECTIONS
from tests.experiments.conftest import ROOT

PAGE = (ROOT / "docs" / "robustness.md").read_text(encoding="utf-8")
QUESTIONS = (ROOT / "docs" / "robustness-questions.md").read_text(encoding="utf-8")


def test_the_page_tells_of_every_section() -> None:
    assert all(f"`{section.name}`" in QUESTIONS for section in SECTIONS)


def test_the_picture_is_small() -> None:
    picture = ROOT / "docs" / "images" / "robustness.png"
    assert "(images/robustness.png)" in PAGE
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size < 100_000
