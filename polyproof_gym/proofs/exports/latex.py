"""Proofs as LaTeX documents, for any engine: they need nothing but ``amsmath`` and ``amssymb``, and are pure ASCII."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from polyproof_gym.polynomials import Rational
from polyproof_gym.proofs.exports.argument import COMBINATION_FOLLOWS, Argument, summands
from polyproof_gym.proofs.exports.cases import CasesArgument, argument_of
from polyproof_gym.proofs.exports.notation import Notation
from polyproof_gym.proofs.proof import Proof
from polyproof_gym.proofs.tree import ProofTree

MAX_FRACTION_DIGITS = 30
"""Longest numerator or denominator that is set as a fraction; longer ones must be broken across lines."""

MAX_SUBSCRIPTS = 3
"""Names with more underscores are set in one word, instead of subscripts to subscripts."""

DIGITS_TOGETHER = 10
"""How many digits of a long number are kept on one line."""

SPECIAL = {
    **{character: "\\" + character for character in "#$%&_{}"},
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\ensuremath{<}",
    ">": r"\ensuremath{>}",
    "|": r"\ensuremath{|}",
    '"': "''{}",
    "`": "{}`{}",
    "-": "-{}",
    **{character: character + r"\allowbreak{}" for character in ",:/="},
    **{"ß": r"\ss{}", "æ": r"\ae{}", "Æ": r"\AE{}", "œ": r"\oe{}", "Œ": r"\OE{}"},
    **{"ø": r"\o{}", "Ø": r"\O{}", "ł": r"\l{}", "Ł": r"\L{}"},
}
"""Characters that must not be written as they are."""

ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u",
    "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r",
    "\u030b": "H",
    "\u030c": "v",
    "\u0327": "c",
}
"""Commands for combining accents."""

PREAMBLE = r"""\documentclass{article}
\usepackage{amsmath,amssymb}
\newcommand{\reason}[1]{\unskip\hfill\penalty50\hskip1.5em\hbox{}\nobreak\hfill\mbox{\small #1}\parfillskip=0pt}
\newenvironment{steps}{\begin{list}{}{\itemsep=2pt\parsep=0pt\labelwidth=2.4em\leftmargin=3em\labelsep=0.6em
  \renewcommand{\makelabel}[1]{\hfil##1}}}{\end{list}}
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt plus 2pt}
\setlength{\emergencystretch}{4em}
\sloppy
\begin{document}
"""


class Latex(Notation):
    """Formulas in math mode, which may be broken at ``+`` and ``-``."""

    at_least, at_most, minus, times, comma = r"\ge", r"\le", "-", r"\,", r",\allowbreak\ "
    element, reals, alpha = r"\in", r"\mathbb{R}", r"\alpha"
    braces = (r"\{", r"\}")

    def words(self, text: str) -> str:
        """The text with commands for all that is not plain ASCII."""
        return "".join(map(_character, unicodedata.normalize("NFC", " ".join(text.split()))))

    def formula(self, formula: str) -> str:
        """A formula between dollars."""
        return f"${formula}$"

    def name(self, name: str) -> str:
        r"""``x_{12}`` for ``x12``, ``u_{x_{12}}`` for ``u_x12``, and other names in one word."""
        numbered = re.fullmatch(r"([A-Za-z])([0-9]+)", name)
        if numbered:
            return f"{numbered[1]}_{{{numbered[2]}}}"
        nested = re.fullmatch(r"([A-Za-z])_([A-Za-z]\w*)", name)
        if nested and name.count("_") <= MAX_SUBSCRIPTS:
            return f"{nested[1]}_{{{self.name(nested[2])}}}"
        greek = _greek(name)
        if greek or re.fullmatch("[A-Za-z]", name):
            return greek or name
        return rf"\text{{\itshape {self.words(name)}}}"

    def power(self, base: str, exponent: int) -> str:
        """``x^{2}``."""
        return f"{base}^{{{exponent}}}"

    def about(self, value: Rational, digits: int = 9) -> str:
        """A number in some digits, with a dot between two factors, as the space between others would not do."""
        return super().about(value, digits).replace(self.times, r"\cdot ")

    def graph(self, name: str, index: str) -> str:
        """``C_{5}``."""
        word = name if len(name) == 1 else rf"\text{{{self.words(name)}}}"
        return f"{word}_{{{index}}}" if index else word

    def size(self, value: Rational) -> str:
        """A small fraction, or a quotient in brackets that may be broken where it is too long for that."""
        numerator, denominator = str(value.numerator), str(value.denominator)
        if denominator == "1":
            return _breakable(numerator)
        if max(len(numerator), len(denominator)) <= MAX_FRACTION_DIGITS:
            return rf"\tfrac{{{numerator}}}{{{denominator}}}"
        return rf"({_breakable(numerator)}/\allowbreak {_breakable(denominator)})"


def _character(character: str) -> str:
    """A character in text mode; those that no LaTeX font of the base system has, by their code point."""
    if character in SPECIAL:
        return SPECIAL[character]
    if character.isascii() and character.isprintable():
        return character
    decomposed = unicodedata.normalize("NFD", character)
    base, accents = decomposed[0], decomposed[1:]
    if base.isascii() and base.isalpha() and accents in ACCENTS:
        return rf"\{ACCENTS[accents]}{{{base}}}"
    greek = _greek(character)
    return rf"\ensuremath{{{greek}}}" if greek else rf"\texttt{{U+{ord(character):04X}}}"


def _greek(character: str) -> str:
    """The command for a Greek letter that has one, and otherwise nothing."""
    name = unicodedata.name(character, "") if len(character) == 1 else ""
    small = re.fullmatch("GREEK SMALL LETTER (?!OMICRON|FINAL)([A-Z]+)", name)
    capital = re.fullmatch("GREEK CAPITAL LETTER (GAMMA|DELTA|THETA|LAMDA|XI|PI|SIGMA|UPSILON|PHI|PSI|OMEGA)", name)
    letter = small[1].lower() if small else capital[1].title() if capital else ""
    return "\\" + letter.replace("lamda", "lambda").replace("Lamda", "Lambda") + " " if letter else ""


def _breakable(digits: str) -> str:
    groups = (digits[k : k + DIGITS_TOGETHER] for k in range(0, len(digits), DIGITS_TOGETHER))
    return r"\allowbreak ".join(groups)


def to_latex(proof: Proof | ProofTree) -> str:
    """Write a proof as a LaTeX document."""
    argument = argument_of(proof, Latex())
    blocks = [
        rf"\section*{{{argument.title()}}}",
        rf"\textbf{{Theorem.}} {argument.claim()}" + "\n" + _items(argument.assumptions()),
        rf"\textbf{{Proof.}} {' '.join(argument.preliminaries())}",
        *(_cases(argument) if isinstance(argument, CasesArgument) else _argument(argument)),
        rf"{argument.conclusion()}\hfill$\square$",
        r"\end{document}",
    ]
    return PREAMBLE + "\n\n".join(filter(None, blocks)) + "\n"


def _cases(argument: CasesArgument) -> Iterator[str]:
    for part in argument.parts():
        heading = rf"\textbf{{Case {part.number}:}} {part.holds}"
        if part.argument is None:
            yield heading
        else:
            yield f"{heading}. {' '.join(part.argument.preliminaries())}"
            yield from _argument(part.argument)
            yield part.argument.conclusion()


def _argument(argument: Argument) -> Iterator[str]:
    """The lines and their combination."""
    proof, notation = argument.proof, Latex()
    lines = [(argument.cite(j), argument.statement(j), argument.reason(j)) for j in range(len(proof.reasons))]
    parts = [
        (
            "$=$" if k == 0 else "$+$",
            notation.formula(argument.part(part)),
            argument.origin(part),
        )
        for k, part in enumerate(summands(proof))
    ]
    yield f"{argument.lines_follow()}\n{_steps(lines)}" if lines else ""
    yield f"{COMBINATION_FOLLOWS}\n"
    yield notation.formula(argument.distance()) + "\n" + _steps(parts or [("$=$", "$0$", "")])


def _items(sentences: Iterable[str]) -> str:
    return _environment("itemize", (rf"\item {sentence}" for sentence in sentences))


def _steps(rows: Iterable[tuple[str, str, str]]) -> str:
    """A list of labels and formulas, with the reasons at the right margin."""
    items = (rf"\item[{{{label}}}] {formula}\reason{{{reason}}}" for label, formula, reason in rows)
    return _environment("steps", items)


def _environment(name: str, items: Iterable[str]) -> str:
    return "\n".join([rf"\begin{{{name}}}", *items, rf"\end{{{name}}}"])
