"""``python -m experiments.tune``."""

import sys

from experiments import starting

if __name__ == "__main__":
    sys.exit(starting.run("experiments.tune.main"))
