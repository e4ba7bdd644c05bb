from __future__ import annotations

import re
from fractions import Fraction

import pytest

import polyproof_gym
from polyproof_gym import Proof
from polyproof_gym.polynomials import Polynomial, parse_polynomial
from polyproof_gym.problems import make_problem
from polyproof_gym.proofs import Axiom, ProofTree, Times
from polyproof_gym.proofs.exports import EXPORTERS
from polyproof_gym.proofs.exports.argument import readable
from polyproof_gym.proofs.exports.subject import clique_of
from polyproof_gym.proofs.exports.text import to_text
from tests.polyproof_gym.proofs.exports.examples import MAKERS, TREES, by_cases, example
from tests.polyproof_gym.proofs.trees import tree


def identity(text: str) -> tuple[str, list[str]]:
    """The two sides of the combination, the right one in its parts."""
    block = text.partition("Expanding the right side shows that\n")[2].rpartition("\n  >= 0.")[0]
    left, _, right = re.sub(r" {2,}(by|as) .*", "", block).partition("\n  = ")
    return left, right.split("\n  + ")


def lines(text: str) -> list[tuple[str, str]]:
    """What every line states, and its reason."""
    block = re.split(r"that\s+is\s+not\s+negative\.\n", text, maxsplit=1)[-1].partition("Expanding the right side")[0]
    pieces = re.split(r"\n *\((\d+)\) (?=.* {2})", "\n" + re.sub(r"\n {5,}", " ", block))[1:]
    assert [int(number) for number in pieces[::2]] == [*range(1, len(pieces) // 2 + 1)]
    pairs = (piece.strip().partition(" >= 0") for piece in pieces[1::2])
    return [(polynomial, reason.strip()) for polynomial, _, reason in pairs]


def read(text: str, proof: Proof) -> Polynomial:
    return parse_polynomial(" ".join(text.split()), proof.problem.ring)


@pytest.mark.parametrize("name", MAKERS)
def test_the_combination_can_be_checked_by_expanding_it(name: str) -> None:
    proof = readable(example(name))
    left, parts = identity(to_text(proof))
    distance = proof.problem.minimised - proof.problem.sign * proof.combination_bound
    assert read(left, proof) == distance
    assert sum((read(part, proof) for part in parts), start=Polynomial(proof.problem.ring, {})) == distance


@pytest.mark.parametrize("name", MAKERS)
def test_the_lines_and_their_reasons(name: str) -> None:
    proof = example(name)
    found = lines(to_text(proof))
    stated = [read(text, proof) for text, _ in found]
    assert stated == list(proof.lines)
    for (text, given), polynomial in zip(found, stated, strict=True):
        reason, size = re.fullmatch(r"(.*?)(?:: an? (edge|clique of \d+))?", given).groups()  # type: ignore[union-attr]
        if size or " times " in given:
            expected = f"clique of {len(clique_of(polynomial))}"
            assert size == {"clique of 0": None, "clique of 2": "edge"}.get(expected, expected)
        if product := re.fullmatch(r"\((\d+)\) times \((\d+)\)", reason):
            assert stated[int(product[1]) - 1] * stated[int(product[2]) - 1] == polynomial
        elif square := re.fullmatch(r"a square(?: times \((\d+)\))?", reason):
            factor = stated[int(square[1]) - 1] if square[1] else Polynomial.constant(proof.problem.ring, 1)
            roots = [read(root, proof) for root in re.findall(r"(\([^()]*\)|[a-z]\w*)\^[2-9]", text)]
            assert any(root * root * factor == polynomial for root in roots)
        elif product := re.fullmatch(r"(.*) times \((\d+)\)", reason):
            assert read(product[1], proof) * stated[int(product[2]) - 1] == polynomial
        elif bound := re.fullmatch(r"axiom: (.*) (>= 0|<= 1)", reason):
            variable = read(bound[1], proof)
            assert polynomial == (variable if bound[2] == ">= 0" else 1 - variable)
        elif renaming := re.fullmatch(r"\((\d+)\) renamed by ((?:\([^()]*\))+)", reason):
            variables = proof.problem.ring.indices
            images = [*range(len(variables))]
            for cycle in re.findall(r"\(([^()]*)\)", renaming[2]):
                members = [variables[name] for name in cycle.split(", ")]
                for i, image in zip(members, members[1:] + members[:1], strict=True):
                    images[i] = image
            assert stated[int(renaming[1]) - 1].renamed(images) == polynomial
        elif gap := re.fullmatch(r"gap: (\w+) is not between (-?\d+) and (-?\d+)", reason):
            assert int(gap[3]) == int(gap[2]) + 1
            own = proof.problem.in_own_coordinates(polynomial)
            x = Polynomial.variable(own.ring, own.ring.indices[gap[1]])
            assert own.primitive() == (x - int(gap[2])) * (x - int(gap[3]))
        elif clique := re.fullmatch(r"(?:edge|clique): at most one of (.*) is 1", reason):
            assert polynomial == 1 - sum(read(member, proof) for member in clique[1].split(", "))
        else:
            assert re.fullmatch(r"axiom: constraint \d+|clique: \w+ <= 1", reason)


def cases(text: str) -> list[tuple[str, str, str]]:
    """The number of every case, what holds in it, and what is said of it."""
    pieces = re.split(r"\n\nCase ([\d.]+): ([^:]*?)\.(?=\n)", text)[1:]
    return list(zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True))


def box_of(holds: str, proof: ProofTree) -> dict[int, tuple[Fraction, Fraction]]:
    """The intervals that a heading tells."""
    box = {}
    for condition in " ".join(holds.split()).split(" and "):
        words = re.fullmatch(
            r"(?:(?P<low>\S+) <= )?(?P<name>[^\W\d]\w*)(?: (?P<sign><=|>=|=) (?P<end>\S+))?", condition
        )
        assert words is not None
        i = proof.problem.variables.index(words["name"])
        low, high = map(Fraction, proof.problem.box[i])
        low = Fraction(words["end"] if words["sign"] in ("=", ">=") else words["low"] or low)
        box[i] = low, Fraction(words["end"] if words["sign"] in ("=", "<=") else high)
    return box


@pytest.mark.parametrize("name", [name for name in TREES if name != "single_case"])
def test_every_case_says_what_holds_and_can_be_checked_by_expanding_its_combination(name: str) -> None:
    proof = by_cases(name)
    told = cases(to_text(proof))
    leaves = [case for case in told if "Expanding" in case[2]]
    assert len(leaves) == proof.num_leaves
    assert len(told) == 2 * proof.num_leaves - 2
    for (number, holds, text), found in zip(leaves, proof.cases(), strict=True):
        assert number == ".".join({"lower": "1", "upper": "2"}[side] for _, side in found.path)
        for i, interval in box_of(holds, proof).items():
            assert interval == found.case.problem.box[i]
        flat = readable(found.node.proof(found.case))
        left, parts = identity(text)
        distance = flat.problem.minimised - flat.problem.sign * flat.combination_bound
        assert read(left, flat) == distance
        assert sum((read(part, flat) for part in parts), start=Polynomial(flat.problem.ring, {})) == distance
        assert [read(line, flat) for line, _ in lines(text)] == list(flat.lines)


def test_a_small_proof_by_cases_word_for_word() -> None:
    text = to_text(tree(make_problem("cycle:n=3"), 1))
    assert text == (
        "cycle:n=3\n"
        "\n"
        "Theorem. alpha(C3) <= 1. Here alpha is the largest number of vertices of which no two are joined, in\n"
        "the graph with\n"
        "- the vertices x0, x1, x2\n"
        "- edges between all vertices\n"
        "\n"
        "Proof.\n"
        "Take vertices of which no two are joined, and let each vertex stand for 1 if it is taken, and for 0\n"
        "if not. Then it is its own square, the product of two that are joined is 0, and to be shown is x0 +\n"
        "x1 + x2 <= 1.\n"
        "In all polynomials, the square of a 0/1 variable is replaced by the variable and the products that\n"
        "are 0 are left out.\n"
        "The claim is proved in each of 2 cases, which leave no point out.\n"
        "\n"
        "Case 1: x0 = 0.\n"
        "Fixed: x0 = 0.\n"
        "The sum becomes x1 + x2.\n"
        "\n"
        "The following hold, each an axiom or an earlier line times something that is not negative.\n"
        "\n"
        "  (1) 1 - x2 >= 0       axiom: x2 <= 1\n"
        "  (2) 1 - x1 - x2 >= 0  (1 - x1) times (1): an edge\n"
        "\n"
        "Expanding the right side shows that\n"
        "\n"
        "  1 - (x1 + x2)\n"
        "  = (1 - x1 - x2)  by (2)\n"
        "  >= 0.\n"
        "\n"
        "Nothing on the right is negative, so at most 1 vertex can be taken in this case.\n"
        "\n"
        "Case 2: x0 = 1.\n"
        "Fixed: x0 = 1; x1 = x2 = 0.\n"
        "The sum becomes 1.\n"
        "\n"
        "Expanding the right side shows that\n"
        "\n"
        "  1 - (1)\n"
        "  = 0\n"
        "  >= 0.\n"
        "\n"
        "Nothing on the right is negative, so at most 1 vertex can be taken in this case.\n"
        "\n"
        "In all cases at most 1 vertex can be taken, which proves the claim.\n"
    )


def test_rounding_comes_once_at_the_end() -> None:
    text = " ".join(to_text(by_cases("two_pentagons")).split())
    assert text.count("rounded") == 1
    assert text.endswith("so its value is a whole number, and the bound can be rounded to 4.")
    assert "x9 <= 9/2. All variables are 0 or 1" in text


def test_constraints_keep_their_numbers_in_cases() -> None:
    """Where a case makes a constraint needless, the others are cited as the theorem lists them."""
    text = to_text(by_cases("empty_cases"))
    assert "- constraint 1: 2*x^2 - 1 >= 0\n- constraint 2: 1 - 2*x >= 0\n- constraint 3: 2*x + 1 >= 0\n" in text
    assert re.search(r"2\*u_x - 1 >= 0 +axiom: constraint 3\n", cases(text)[0][2])
    assert re.search(r"1 - 2\*x >= 0 +axiom: constraint 2\n", cases(text)[1][2])


def test_cases_without_a_point() -> None:
    text = to_text(by_cases("empty_cases"))
    assert "Theorem. There are no x in [-1, 1] and y in [0, 1] such that\n" in text
    assert text.count("so -1 >= 0 would follow: there is no such point.\n") == 2
    assert text.endswith("\n\nNo case has a point that satisfies the assumptions, which proves the claim.\n")
    some = to_text(by_cases("one_empty_case"))
    assert "would follow: there is no such point." in some
    assert some.endswith("In all cases x^2 - x >= -1/4, which proves the claim.\n")


def test_coordinates_of_fixed_variables_mean_nothing() -> None:
    assert not re.search("u_x[04]", to_text(by_cases("petersen_cases")))
    assert "\nIn the lines, u_x0, u_x1, u_x4 stand for 0.\n" in to_text(by_cases("fixed_cases"))


def test_cliques() -> None:
    found = dict(lines(to_text(example("cliques"))))
    assert found["1 - x0 - x1 - x2"] == "clique: at most one of x0, x1, x2 is 1"
    assert found["1 - x0"] == "clique: x0 <= 1"
    assert "each an axiom, a clique or an earlier line" in to_text(example("cliques"))


def test_a_single_case_is_no_case() -> None:
    assert "Case" not in to_text(by_cases("single_case"))


def test_a_small_proof_word_for_word() -> None:
    assert to_text(example("half")) == (
        "cycle:n=3\n"
        "\n"
        "Theorem. alpha(C3) <= 1. Here alpha is the largest number of vertices of which no two are joined, in\n"
        "the graph with\n"
        "- the vertices x0, x1, x2\n"
        "- edges between all vertices\n"
        "\n"
        "Proof.\n"
        "Take vertices of which no two are joined, and let each vertex stand for 1 if it is taken, and for 0\n"
        "if not. Then it is its own square, the product of two that are joined is 0, and to be shown is x0 +\n"
        "x1 + x2 <= 1.\n"
        "In all polynomials, the square of a 0/1 variable is replaced by the variable and the products that\n"
        "are 0 are left out.\n"
        "\n"
        "The following hold, each an axiom or an earlier line times something that is not negative.\n"
        "\n"
        "  (1) 1 - x0 >= 0       axiom: x0 <= 1\n"
        "  (2) 1 - x1 >= 0       axiom: x1 <= 1\n"
        "  (3) 1 - x2 >= 0       axiom: x2 <= 1\n"
        "  (4) 1 - x0 - x1 >= 0  (1 - x1) times (1): an edge\n"
        "  (5) 1 - x1 - x2 >= 0  (1 - x2) times (2): an edge\n"
        "  (6) 1 - x0 - x2 >= 0  (1 - x0) times (3): an edge\n"
        "\n"
        "Expanding the right side shows that\n"
        "\n"
        "  3/2 - (x0 + x1 + x2)\n"
        "  = 1/2*(1 - x0 - x1)  by (4)\n"
        "  + 1/2*(1 - x1 - x2)  by (5)\n"
        "  + 1/2*(1 - x0 - x2)  by (6)\n"
        "  >= 0.\n"
        "\n"
        "Nothing on the right is negative, so x0 + x1 + x2 <= 3/2. All variables are 0 or 1 and all\n"
        "coefficients of the left side are whole numbers, so its value is a whole number, and the bound can\n"
        "be rounded to 1.\n"
    )


def test_it_is_said_what_renaming_means() -> None:
    text = " ".join(to_text(example("rotated")).split())
    assert "Renaming takes each variable to the next in its cycle, and the last to the first." in text
    assert "each an axiom, an earlier line renamed or an earlier line times something" in text
    assert "(4) 1 - x2 - x3 >= 0 (3) renamed by (x0, x1, x2, x3, x4)" in text
    assert "renamed" not in to_text(example("half"))


def test_the_claim_is_in_the_own_variables_and_the_proof_in_unit_coordinates() -> None:
    proof = example("constrained")
    text = to_text(proof)
    theorem = (
        f"For all alpha_1 in [0, 1], x in [-1, 2] and y in [0, 3]: -x^2 + x*y + alpha_1 >= {proof.bound}, provided"
    )
    assert f"Theorem. {theorem} that - constraint" in " ".join(text.split())
    assert "- constraint 1: 1 - x - y >= 0\n- constraint 2: 4*x*y - 1 >= 0\n- constraint 3: 1 - 4*x*y >= 0" in text
    assert "Substitute x = 3*u_x - 1, y = 3*u_y, where 0 <= u_x, u_y <= 1." in text
    assert re.search(r"36\*u_x\*u_y - 12\*u_y - 1 >= 0 +axiom: constraint 2", text)


def test_exclusive_pairs_are_listed_or_those_that_are_not_if_these_are_fewer() -> None:
    sparse, dense = (" ".join(to_text(example(name)).split()) for name in ("pentagon", "dense"))
    assert "- the edges x0 with x1, x4; x1 with x2; x2 with x3; x3 with x4 Proof." in sparse
    assert "- edges between all vertices, except x1 with " in dense
    exclusive = example("dense").problem.ring.exclusive
    listed = dense.partition("all vertices, except ")[2].partition(" Proof.")[0]
    pairs = {
        (int(first) - 1, int(second) - 1)
        for first, rest in re.findall(r"x(\d+) with ([^;]*)", listed)
        for second in re.findall(r"x(\d+)", rest)
    }
    assert pairs == {(i, j) for j in range(50) for i in range(j)} - exclusive


def test_text_is_kept_within_a_width() -> None:
    longest = max(map(len, to_text(example("dense")).splitlines()))
    assert longest <= 130


def test_only_a_rounded_proof_speaks_of_rounding() -> None:
    assert example("weighted").bound == Fraction(8, 3)
    assert "whole number" not in to_text(example("weighted"))


def test_terms_that_are_left_over_are_bounded_one_by_one() -> None:
    text = to_text(example("loose"))
    assert re.search(r"\+ 1/24\*\(1 - u_x1\) +as u_x1 <= 1\n", text)
    assert re.search(r"\+ 1/4\*u_x1\*u_x3 +as u_x1\*u_x3 >= 0\n", text)


def test_the_formats() -> None:
    assert {"text", "latex", "html"} <= set(EXPORTERS)
    assert all(export(example("pentagon")).endswith("\n") for export in EXPORTERS.values())


def test_bounds_that_the_constraints_imply_are_told_from_those_given() -> None:
    problem = polyproof_gym.polynomial(
        "x*y*z",
        box={"x": (0, None), "z": (1, 2)},
        constraints=["x + y <= 3", "y >= 1"],
    )
    text = to_text(Proof(problem, (), {}))
    assert "For all x >= 0, y >= 1 and z in [1, 2]: x*y*z >= 0, provided that\n" in text
    assert "The constraints imply x <= 2, as 2 - x = (y - 1) + (3 - x - y).\n" in text
    assert "The constraints imply y <= 3, as 3 - y = x + (3 - x - y).\n" in text


def test_contradictory_constraints_imply_every_bound() -> None:
    text = " ".join(to_text(example("contradictory")).split())
    assert "as -1 = 1/2*(4*x - 3) + 1/2*(1 - 4*x), and so imply y >= 6." in text


def test_bounds_that_need_a_number_beside_the_constraints() -> None:
    problem = polyproof_gym.polynomial("x", box={"x": (2, None)}, constraints=["x <= 2"])
    assert "The constraints imply x <= 3, as 3 - x = (2 - x) + 1.\n" in to_text(Proof(problem, (), {}))


@pytest.mark.parametrize(
    ("name", "stated", "reason", "part"),
    [
        ("moved", "(1 - u_y)^5 >= 0", "(1 - u_y) times (5)", "*(1 - u_y)^5 "),
        ("moved", "(2 + 3*u_x - 9*u_y)^2*(1 - u_x) >= 0", "a square times (1)", "*(2 + 3*u_x - 9*u_y)^2*(1 - u_x) "),
        ("parabola", "(2*u_x - 1)^2 >= 0", "a square", "(2*u_x - 1)^2 "),
        ("implied", "(51 - 25*u_x - 51*u_y)^2 >= 0", "(4) times (4)", "*(51 - 25*u_x - 51*u_y)^2 "),
        ("exclusive", "1 - x0 - x1 >= 0", "(x0 + x1 - 1)^2 times (1): an edge", "*(1 - x0 - x1) "),
    ],
)
def test_products_are_shown_as_people_write_them(name: str, stated: str, reason: str, part: str) -> None:
    block, _, combination = to_text(example(name)).partition("Expanding the right side")
    assert any(stated in line and line.endswith(reason) for line in block.splitlines())
    assert part in combination


def test_products_are_multiplied_out_where_that_is_shorter() -> None:
    text = to_text(example("cross_polytope"))
    assert "1 - 4*u_x^2 + 8*u_x*u_y - 4*u_y^2 >= 0" in text
    problem = polyproof_gym.polynomial("x*y", boolean=["x", "y"])
    twice = (Axiom(1, problem.axioms[1]), Times(0, 0, complement=True), Times(1, 1, complement=True))
    assert [line for line, _ in lines(to_text(Proof(problem, twice, {})))] == ["1 - x", "1 - x", "(1 - x)*(1 - y)"]


def test_what_integer_variables_add() -> None:
    text = " ".join(to_text(example("whole_ends")).split())
    assert "For all whole a >= 1 and whole b >= 0: 3*a + 2*b <= 21, provided that" in text
    assert "imply a <= 7, as a is a whole number and 7 - a = b + 1/2*(15 - 2*a - 2*b) - 1/2." in text
    assert "All variables of the left side stand for whole numbers, so its value is a whole number, and" in text
    assert "each an axiom, a gap between whole numbers or an earlier line" in text
    text = " ".join(to_text(example("common_step")).split())
    assert "so its value is 1/5 plus a multiple of 2/3, and the bound can be rounded to -97/15." in text


def test_proofs_write_themselves() -> None:
    for proof in (example("pentagon"), by_cases("constrained_cases")):
        assert proof.to_text() == EXPORTERS["text"](proof)
        assert proof.to_html() == EXPORTERS["html"](proof)
