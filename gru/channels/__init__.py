"""Which doors are there? Each channel carries words in and out; none knows a case, none knows another."""
