"""Pictures of how trainings of several seeds went."""
