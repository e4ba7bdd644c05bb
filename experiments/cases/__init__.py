"""Problems from a file, each tried by an agent."""
