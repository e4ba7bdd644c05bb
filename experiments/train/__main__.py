"""``python -m experiments.train``."""

import sys

from experiments import starting

if __name__ == "__main__":
    sys.exit(starting.run("experiments.train.main"))
