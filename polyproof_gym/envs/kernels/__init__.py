"""The inner loops of the environment; see :mod:`polyproof_gym.compiled` for how they are called."""
