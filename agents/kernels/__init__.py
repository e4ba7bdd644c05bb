"""The inner loops of agents; see :mod:`polyproof_gym.compiled` for how they are called."""
