"""What is done, by whomever it is asked for: the verbs of the town hall."""
