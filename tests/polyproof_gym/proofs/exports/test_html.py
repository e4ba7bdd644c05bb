from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from polyproof_gym.problems import make_problem, polynomial
from polyproof_gym.proofs import Times
from polyproof_gym.proofs.exports.graph import layout
from polyproof_gym.proofs.exports.html import Html, to_html
from polyproof_gym.proofs.exports.subject import clique_of
from polyproof_gym.proofs.replay import replay
from tests.flat import prove
from tests.polyproof_gym.proofs.exports.examples import HOSTILE, MAKERS, TREES, any_example, by_cases, example

VOID = {"meta", "input"}


class Page(HTMLParser):
    """The elements of a page, which must be closed in order."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self._depths: dict[str, list[int]] = {}
        self.feed(source)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs)
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)
            self._depths.setdefault(tag, []).append(self._open.count(tag))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts.setdefault(self._open[-1], []).append(data)

    def depths(self, tag: str) -> list[int]:
        """How many elements of a kind every such one is within, itself included."""
        return self._depths[tag]

    def all(self, tag: str, kind: str | None = None) -> list[dict[str, str | None]]:
        elements = (attributes for name, attributes in self.elements if name == tag)
        return [attributes for attributes in elements if kind is None or attributes.get("class") == kind]


@pytest.mark.parametrize("name", [*MAKERS, *TREES])
def test_the_page_is_well_formed_and_needs_nothing_else(name: str) -> None:
    source = to_html(any_example(name))
    page = Page(source)
    assert len(page.all("script")) == len(page.all("style")) == 1
    assert len(page.all("svg", "derivation")) == len(page.all("div", "scroller"))
    assert len(page.all("svg", "derivation")) == 1 or name in TREES
    assert len(page.all("p", "status")) == 1
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
    assert "(1 − x₃) times (2): an edge" in cells  # noqa: RUF001


@pytest.mark.parametrize("name", [name for name in TREES if name != "single_case"])
def test_every_case_can_be_folded(name: str) -> None:
    proof = by_cases(name)
    page = Page(to_html(proof))
    assert len(page.all("details")) == len(page.all("summary")) == 2 * proof.num_leaves - 2
    assert sum("open" not in attributes for attributes in page.all("details")) == proof.num_leaves
    assert page.depths("details") == [len(path) for path, _, _ in proof.nodes() if path]
    headings = [text for text in page.texts["b"] if text.startswith("Case")]
    assert headings[0] == "Case 1:"
    assert len(set(headings)) == len(headings) == 2 * proof.num_leaves - 2
    regions = [attributes["aria-label"] for attributes in page.all("div", "scroller")]
    assert len(set(regions)) == len(regions)


@pytest.mark.parametrize("name", [name for name in TREES if name != "single_case"])
def test_the_graph_of_a_case_and_its_tables_belong_together(name: str) -> None:
    proof = by_cases(name)
    blocks = to_html(proof).split("<details")[1:]
    blocks = [block for block in blocks if "Expanding" in block]
    for block, found in zip(blocks, proof.cases(), strict=True):
        reasons = found.node.reasons
        assert block.count('<div class="proof">') == block.count("<svg") == any(reason.parents for reason in reasons)
        nodes = set(re.findall(r'<g [^>]*data-line="(\w+)"', block))
        assert nodes == ({*(str(k + 1) for k in range(len(reasons))), "bound"} if "<svg" in block else set())
        rows = set(re.findall(r'<tr [^>]*data-line="(\w+)"', block))
        assert rows == nodes


def test_the_bound_of_a_case_stands_beside_it() -> None:
    shown = Page(to_html(by_cases("one_empty_case"))).texts["span"]
    assert shown[0] == "(no point)"
    assert len(shown) == 4


def test_every_line_and_the_bound_are_steps() -> None:
    proof = example("petersen")
    page = Page(to_html(proof))
    steps = [tr for tr in page.all("tr") if "data-step" in tr]
    assert [tr["data-step"] for tr in steps] == ["line"] * len(proof.lines) + ["bound"]
    assert [tr["data-line"] for tr in steps] == [*map(str, range(1, len(proof.lines) + 1)), "bound"]
    for line, reason, tr in zip(proof.lines, proof.reasons, steps, strict=False):
        assert tr["data-members"] == " ".join(map(str, sorted({i for monomial in line.terms for i in monomial})))
        assert tr.get("data-factor") == (str(reason.variable) if isinstance(reason, Times) else None)
        assert tr.get("data-cliques") == (" ".join(map(str, clique_of(line))) or None)
    assert "data-bound" not in steps[0]
    assert {button["data-go"] for button in page.all("button")} == {"first", "previous", "play", "next", "last"}


def test_the_graph_of_the_problem_is_drawn() -> None:
    proof = example("petersen")
    page = Page(to_html(proof))
    assert [g["data-vertex"] for g in page.all("g", "vertex")] == [*map(str, range(10))]
    edges = {line["data-edge"] for line in page.all("line")}
    assert edges == {f"{i} {j}" for i, j in proof.problem.ring.exclusive}
    assert not Page(to_html(example("parabola"))).all("svg", "vertices")


def test_cases_tell_which_vertices_are_taken() -> None:
    page = Page(to_html(by_cases("petersen_cases")))
    assert len(page.all("svg", "vertices")) == 1
    for summary, (_, case, _) in zip(page.all("summary"), [*by_cases("petersen_cases").nodes()][1:], strict=True):
        for key, value in (("data-taken", 1), ("data-left", 0)):
            expected = [str(i) for i, interval in enumerate(case.problem.box) if interval == (value, value)]
            assert (summary.get(key) or "").split() == expected


@pytest.mark.parametrize("name", ["petersen", "pentagon", "parabola", "loose", "zero_line"])
def test_a_replay_tells_the_bound_after_every_line(name: str) -> None:
    proof = example(name)
    page = Page(to_html(proof, with_bounds=True))
    assert len(page.all("svg", "curve")) == 1
    bounds = {moment.line: moment.state.bound for moment in replay(proof)}
    steps = [tr for tr in page.all("tr") if "data-step" in tr]
    for j, tr in enumerate(steps[:-1]):
        shown = (tr["data-bound"] or "").replace("−", "-")  # noqa: RUF001
        assert float(shown) == pytest.approx(bounds.get(j, bounds[None]), rel=1e-5, abs=1e-9)
        assert len(tr.get("data-moments") or "") in (0, proof.problem.num_variables)


@pytest.mark.parametrize("name", ["empty_cases", "two_pentagons"])
def test_a_replay_of_cases_is_their_page(name: str) -> None:
    assert to_html(by_cases(name), with_bounds=True) == to_html(by_cases(name))


def test_a_contradiction_has_no_bounds_to_show() -> None:
    assert not Page(to_html(example("contradictory"), with_bounds=True)).all("svg", "curve")


def test_words_as_indices_are_lowered_where_there_are_no_characters_for_them() -> None:
    problem = polynomial("x^2 - x*y_max", box={"x": (-1, 1), "y_max": (0, 2)})
    text = to_html(prove(problem, "static-sherali-adams:level=2", max_steps=30))
    assert "u<sub>x</sub>" in text
    assert "y<sub>max</sub> ∈ [0, 2]" in text
    assert 'u<tspan class="index" dy="3">x</tspan><tspan dy="-3">&#8203;</tspan>' in text
    page = Page(text)
    assert not any("<" in value for _, attributes in page.elements for value in attributes.values() if value)
    assert "u_x" in str([attributes["aria-label"] for attributes in page.all("g", "product used")])
    assert not any("u_" in piece for kind in ("p", "td", "text") for piece in page.texts[kind])


@pytest.mark.parametrize(
    ("name", "shown"),
    [("x_i", "x<sub>i</sub>"), ("u_x1", "u<sub>x₁</sub>"), ("a_b_c", "a<sub>b_c</sub>"), ("area_b", "area_b")],
)
def test_which_names_have_words_as_indices(name: str, shown: str) -> None:
    notation = Html(polynomial(name, box="unit"))
    assert notation.formula(notation.name(name)) == shown
    assert notation.formula(notation.power(notation.name(name), 12)) == f"{shown}¹²"
