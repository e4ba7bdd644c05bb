"""``python -m experiments.evaluate``."""

import sys

from experiments.evaluate.main import main

if __name__ == "__main__":
    sys.exit(main())
