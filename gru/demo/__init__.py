"""How does a town look after a year of work? An invented one: seeded, deterministic, of any size.

`words` what people write, `life` what happens to one case, `year` how many cases make a year of history.
"""
