"""What it costs to have many workers, and what they gain."""
