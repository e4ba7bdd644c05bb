"""The demonstration: bounds of a real graph and of a random one, by baselines, a trained agent and a search.

``python -m experiments.demo`` prints one table, and writes a picture of the bound curves and TensorBoard logs.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tqdm import tqdm

from agents import prove
from experiments.cli.parsing import positive
from experiments.options import plain_parser, seed
from experiments.outputs import require_folder
from experiments.reports import describe, write_json
from experiments.tensorboard import log_trial
from experiments.trials import Task, trial_of
from polyproof_gym import BadInput, Problem, Proof, ProofTree, make_problem
from polyproof_gym.problems import stability_number

PROBLEMS = ("karate", "random-stable-set:n=25,index=0")
AGENTS = (
    "random",
    "random-closed",
    "bfs",
    "clique-cover",
    "greedy",
    "dual-guided",
    "estimate-guided",
    "learned",
    "neighbourhood-search",
    "static-sherali-adams:level=2",
    "static-sherali-adams:level=3",
)


def run(problem: Problem, max_steps: int, seed: int) -> dict[str, Proof | ProofTree]:
    """Prove a bound with every agent."""
    proofs: dict[str, Proof | ProofTree] = {}
    with tqdm(AGENTS, desc=problem.name.partition(":")[0], unit="agent", file=sys.stderr) as agents:
        for agent in agents:
            agents.set_postfix_str(agent)
            proofs[agent] = prove(problem, agent, max_steps=max_steps, seed=seed)
            proofs[agent].verify()
    return proofs


def table(problem: Problem, optimum: int, proofs: Mapping[str, Proof | ProofTree]) -> str:
    """One row per agent."""
    edges = len(problem.ring.exclusive)
    lines = [
        f"{problem.name}: {problem.num_variables} vertices, {edges} edges; a largest stable set has {optimum}",
        f"  {'agent':30} {'bound':>10} {'alpha':>6} {'steps':>6} {'LP columns':>11} {'seconds':>8}",
    ]
    for agent, proof in proofs.items():
        row = describe(proof)
        figures = f"{row['bound']:10.4f} {optimum:6} {row['steps']:6} {row['lp_columns']:11} {row['seconds']:8.3f}"
        lines.append(f"  {agent:30} {figures}")
    return "\n".join(lines)


def draw(results: Mapping[str, tuple[int, Mapping[str, Proof | ProofTree]]], path: Path) -> None:
    """Draw the bound over the steps for every problem, static systems as horizontal lines."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7 * len(results), 5), dpi=110)
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, len(results), squeeze=False)[0]
    for axis, (name, (optimum, proofs)) in zip(axes, results.items(), strict=True):
        for number, (agent, proof) in enumerate(proofs.items()):
            bounds = proof.search.bounds if proof.search else ()
            label = agent.replace("static-sherali-adams:level=", "Sherali-Adams level ")
            if agent.startswith("static"):
                axis.axhline(float(proof.bound), color=f"C{number}", linestyle=":", label=label)
            else:
                axis.step(range(len(bounds)), bounds, color=f"C{number}", where="post", label=label)
        axis.axhline(optimum, color="black", linestyle="--", linewidth=1, label="optimum")
        axis.set(xlabel="derivations", ylabel="proved upper bound", title=name)
        axis.grid(alpha=0.3)
    axes[-1].legend(fontsize=8, loc="upper right")
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demonstration; the exit status."""
    parser = plain_parser("demo", __doc__)
    parser.add_argument("--steps", type=positive, default=100, help="derivations per agent (default: %(default)s)")
    parser.add_argument("--seed", type=seed, default=0, help="seed of the random agents (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("runs/demo"), help="folder (default: %(default)s)")
    options = parser.parse_args(arguments)
    try:
        require_folder(options.out)
    except BadInput as error:
        parser.error(str(error))
    results: dict[str, tuple[int, Mapping[str, Proof | ProofTree]]] = {}
    problems = {spec: make_problem(spec) for spec in PROBLEMS}
    for spec, problem in problems.items():
        optimum = int(problem.optimum if problem.optimum is not None else stability_number(problem))
        results[spec] = optimum, run(problem, options.steps, options.seed)
    folder: Path = options.out
    picture = folder / "bounds.png"
    draw(results, picture)
    print()
    for spec, (optimum, proofs) in results.items():
        print(table(problems[spec], optimum, proofs), end="\n\n")
        for agent, proof in proofs.items():
            task = Task(spec, agent, options.steps, options.seed)
            run_folder = task.run_folder(folder / "tensorboard")
            log_trial(run_folder, trial_of(task, proof), problems[spec], optimum, proof)
        write_json(folder / f"{spec.partition(':')[0]}.json", [describe(proof) for proof in proofs.values()])
    print("Every bound above was checked in exact arithmetic.")
    print(f"Bound curves:  {picture}")
    print(f"TensorBoard:   {Path(sys.executable).parent / 'tensorboard'} --logdir {folder / 'tensorboard'}")
    print("Your own graph:", Path(sys.executable).parent / "polyproof", "prove FILE.col   (DIMACS; --help tells more)")
    return 0
