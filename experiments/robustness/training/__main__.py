"""``python -m experiments.robustness.training``."""

import sys

from experiments import starting

if __name__ == "__main__":
    sys.exit(starting.run("experiments.robustness.training.main"))
