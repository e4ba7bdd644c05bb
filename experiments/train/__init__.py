"""Train an agent as a configuration file says, in a folder that holds everything about the run.

``python -m experiments.train --config NAME`` writes to ``runs/train/NAME-seed0``: the resolved configuration with the
versions and the command (``run.json``), figures (``metrics.jsonl`` and TensorBoard), the last checkpoint, at the end
the bounds of held-out problems (``held_out.json``), and the agent as far as it is trained, so that the folder is the
name of an agent. Ctrl-C saves and stops; ``--resume`` goes on from the last checkpoint, as if
nothing had happened.
"""
