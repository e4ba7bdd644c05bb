from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from polyproof_gym.problems import make_problem
from polyproof_gym.proofs.exports.graph import layout
from polyproof_gym.proofs.exports.html import Html, to_html
from tests.polyproof_gym.proofs.exports.examples import HOSTILE, MAKERS, example

VOID = {"meta", "input"}


class Page(HTMLParser):
    """The elements of a page, which must be closed in order."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(source)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs)
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts.setdefault(self._open[-1], []).append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.mark.parametrize("name", MAKERS)
def test_the_page_is_well_formed_and_needs_nothing_else(name: str) -> None:
    source = to_html(example(name))
    page = Page(source)
    assert len(page.all("script")) == len(page.all("style")) == len(page.all("svg")) == 1
    assert "://" not in source
    assert not re.search(r"url\(|@import|fetch\(|innerHTML", source)
    assert not {"src", "href", "style", "onclick"} & {key for _, attributes in page.elements for key in attributes}


def test_the_policy_allows_the_own_script_and_style_only() -> None:
    page = Page(to_html(example("pentagon")))
    (policy,) = (meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        digest = hashlib.sha256("".join(page.texts[tag]).encode()).digest()
        assert f"{tag}-src 'sha256-{base64.b64encode(digest).decode()}'" in policy


def test_hostile_names_are_shown_and_do_nothing() -> None:
    page = Page(to_html(example("weighted")))
    shown = " ".join(HOSTILE.split())
    assert "".join(page.texts["title"][:1]) == shown
    assert "".join(page.texts["h1"]) == shown
    assert len(page.all("script")) == 1


@pytest.mark.parametrize("name", MAKERS)
def test_the_graph_shows_how_lines_follow(name: str) -> None:
    proof = example(name)
    page = Page(to_html(proof))
    nodes = {g["data-line"]: g["data-parents"] for g in page.all("g") if "data-line" in g}
    parents = {str(j + 1): " ".join(str(k + 1) for k in reason.parents) for j, reason in enumerate(proof.reasons)}
    assert nodes == {**parents, "bound": " ".join(str(j + 1) for j in sorted(proof.multipliers))}
    edges = [g["data-to"] for g in page.all("g") if "data-to" in g]
    assert len(edges) == sum(len(reason.parents) for reason in proof.reasons) + len(proof.multipliers)
    assert set(edges) <= set(nodes)
    rows = [tr["data-line"] for tr in page.all("tr") if "data-line" in tr]
    assert set(rows) == set(nodes)
    assert all("tabindex" in attributes for _, attributes in page.elements if "data-line" in attributes)


@pytest.mark.parametrize("name", MAKERS)
def test_nodes_do_not_overlap_and_edges_to_the_bound_pass_beside_them(name: str) -> None:
    proof = example(name)
    plan = layout(proof, [1.0] * len(proof.reasons), dict.fromkeys(proof.multipliers, 1.0))
    places = list(zip(plan.depth, plan.across, strict=True))
    assert all(reason.parents or place[0] == 0 for reason, place in zip(proof.reasons, places, strict=True))
    for j, (depth, across) in enumerate(places):
        assert 0.5 <= across <= plan.width - 0.5
        for k, (other_depth, other) in enumerate(places):
            if j < k and depth == other_depth:
                assert abs(across - other) >= 1 - 1e-9
            if k in plan.drops and other_depth < depth:
                assert abs(across - plan.drops[k]) >= 1 - 1e-9


def test_names_in_unicode_are_kept_apart() -> None:
    problem = make_problem("cycle:n=5")
    assert Html(problem).name("x1") == "x₁"
    object.__setattr__(problem, "variables", (*problem.variables, "x₁"))
    assert Html(problem).name("x1") == "x1"


def test_the_number_of_a_line_and_its_multiplier_are_in_the_tables() -> None:
    page = Page(to_html(example("weighted")))
    cells = page.texts["td"]
    assert "4/3·(1 − x₃ − x₄)" in cells  # noqa: RUF001
    assert "by (3)" in cells
    assert "(1 − x₃) times (2)" in cells  # noqa: RUF001
