"""Try many configurations of a training on Ray, give the better ones more time, and keep the best agent.

``python -m experiments.tune --config quick --set 'settings.step_size=loguniform(0.1, 3)'``
draws configurations, in which distributions stand for some values, and trains each in its own folder of ``runs/tune``,
as ``python -m experiments.train`` does. A trial that is behind the others when its agent is tried on the held-out
problems is stopped (ASHA of Ray Tune). The folder gets a table of all trials (``tune.md``, ``tune.json``) and the best
agent of all, so that it is the name of an agent. Ctrl-C stops; ``--resume`` goes on.
"""
