"""What is done with the environment and the agents: the command line, the demonstration, the benchmark."""
