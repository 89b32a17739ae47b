"""What is GRU? The town's memory of every request: each folder below is one floor of the house."""
