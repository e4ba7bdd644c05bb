"""How Sphinx builds the documentation site: ``make docs``."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

from docutils.nodes import SkipNode, Text, entry
from docutils.utils.math.latex2mathml import tex2mathml

import agents
import polyproof_gym
from polyproof_gym import envs, problems, proofs, robustness
from polyproof_gym.envs import PolyProofEnv, PolyProofVectorEnv

HERE = Path(__file__).parent

MARKDOWN = {PolyProofEnv: "environment.md", PolyProofVectorEnv: "vector-environment.md"}
"""Classes whose docstrings are Markdown, and the file in ``generated`` that holds it from its second paragraph on."""

BENEATH = {
    "squares": ("squares-how",),
    "learning": ("learning-evidence", "learning-tried"),
    "scaling": ("scaling-costs",),
    "robustness": ("robustness-own", "robustness-questions"),
    "robustness-theory": ("robustness-proofs", "robustness-moduli"),
    "certified-radius": ("certified-radius-how", "attacks"),
    "performance": (
        "performance-steps",
        "performance-growth",
        "performance-bounds",
        "performance-tools",
        "performance-floats",
    ),
}
"""Pages that stand beneath another one in the contents: what only some of its readers want."""

WORD, SENTENCE = 14, 45
"""Characters up to which a cell of a table is a word or a number, and from which it is a sentence."""

WHOLE = re.compile(r"[\[(][-+\d., ]+( to [-+\d., ]+)?[\])]|\d ([mµ]?s|min|h|[kMG]?B|%)\b")
"""``[1.31, 1.40]``, ``(0.7 to 1.2)``, or a number's last digit and its unit."""

project = "PolyProof"
author = "PolyProof developers"
copyright = "PolyProof developers"
version = release = polyproof_gym.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_design",
    "sphinx_copybutton",
]
exclude_patterns = ["_build", "generated", "**.ipynb_checkpoints"]
suppress_warnings = ["config.cache"]
highlight_language = "text"
linkcheck_timeout = 20
linkcheck_workers = 2

# Markdown
myst_enable_extensions = ["attrs_inline", "colon_fence", "dollarmath", "substitution"]
myst_heading_anchors = 4
myst_substitutions = {"version": version}
nb_execution_mode = "cache"
nb_execution_timeout = 600
nb_output_stderr = "remove"  # that the inner loops are compiled
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_merge_streams = True

# API reference
autodoc_default_options = {"members": True, "member-order": "bysource"}
for package in (agents, polyproof_gym, problems, proofs, envs, robustness):
    for public in package.__all__:
        setattr(package, public, getattr(package, public))  # those that wait for their first use are not found
autodoc_typehints = "signature"
autosummary_generate = False
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True  # attributes are described once, with the class
python_maximum_signature_line_length = 88

# Looks
html_theme = "furo"
pygments_dark_style = "monokai"
html_math_renderer = "mathml"
html_title = "PolyProof"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_theme_options = {
    "top_of_page_buttons": [],
    "light_css_variables": {"color-brand-primary": "#00603c", "color-brand-content": "#00704a"},
    "dark_css_variables": {"color-brand-primary": "#5fd3a2", "color-brand-content": "#5fd3a2"},
}


def write_environment_pages(app: Any) -> None:
    """Write what the page of the environment includes: its docstring, and a table of the registered ids."""
    import gymnasium as gym

    folder = HERE / "generated"
    folder.mkdir(exist_ok=True)
    for described, name in MARKDOWN.items():
        _, _, rest = inspect.cleandoc(described.__doc__ or "").partition("\n\n")
        _write(folder / name, rest + "\n")
    rows = ["| id | problems | steps of an episode |", "|---|---|---|"]
    defaults = {name: parameter.default for name, parameter in inspect.signature(PolyProofEnv).parameters.items()}
    for identifier, spec in gym.registry.items():
        if spec.kwargs is not None and identifier.startswith("PolyProof-"):
            given = {**defaults, **spec.kwargs}
            others = "" if "problem" in spec.kwargs else ", or any other with `problem=...`"
            rows.append(f"| `{identifier}` | `{given['problem']}`{others} | {given['max_steps']} |")
    _write(folder / "environments.md", "\n".join(rows) + "\n")


def _write(path: Path, text: str) -> None:
    """Write a file unless it says so already, so that Sphinx need not read it again."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def without_markdown(app: Any, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    """Replace a docstring that is Markdown, as Gymnasium's are, by its first sentence; a page of its own shows it."""
    if thing in MARKDOWN:
        lines[:] = [lines[0], "", "The page :doc:`/environment` describes it."]


def without_fields(app: Any, what: str, name: str, thing: Any, skip: bool, options: object) -> bool | None:
    """Leave out fields of named tuples, which the class describes: Python says no more than their number."""
    return True if (getattr(thing, "__doc__", None) or "").startswith("Alias for field number") else None


def list_pages_beneath(app: Any, page: str, source: list[str]) -> None:
    """Tell Sphinx which pages stand beneath a page; its file stays what people read elsewhere."""
    if page in BENEATH:
        source[0] += "\n```{toctree}\n:hidden:\n\n" + "\n".join(BENEATH[page]) + "\n```\n"


def mark_cells(app: Any, doctree: Any, page: str) -> None:
    """Tell the looks which cells hold words or intervals, which are not broken, or sentences, which need some width.

    Ranges in brackets, and numbers and their units, are broken on no screen, but may come on a line of their own.
    """
    for cell in doctree.findall(entry):
        for text in [*cell.findall(Text)]:
            text.parent.replace(text, Text(WHOLE.sub(lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), text)))
        shown = cell.astext()
        if len(shown) >= SENTENCE:
            cell["classes"].append("sentence")
        elif shown.endswith("]"):
            cell["classes"].append("interval")
        elif len(shown) <= WORD and ", " not in shown:
            cell["classes"].append("word")


def inline_math(translator: Any, node: Any) -> None:
    """Write a formula in a line as MathML, which browsers show without any script or network."""
    translator.body.append(tex2mathml(node.astext(), as_block=False))
    raise SkipNode


def displayed_math(translator: Any, node: Any) -> None:
    """Write a formula of its own as MathML."""
    translator.body.append(f'<div class="formula">{tex2mathml(node.astext(), as_block=True)}</div>')
    raise SkipNode


def setup(app: Any) -> None:
    """Connect what this file adds to Sphinx."""
    app.add_html_math_renderer("mathml", inline_renderers=(inline_math, None), block_renderers=(displayed_math, None))
    app.connect("builder-inited", write_environment_pages)
    app.connect("source-read", list_pages_beneath)
    app.connect("doctree-resolved", mark_cells)
    app.connect("autodoc-process-docstring", without_markdown)
    app.connect("autodoc-skip-member", without_fields)
