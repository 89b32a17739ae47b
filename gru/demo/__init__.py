"""How does a town look after a year of work? An invented one: seeded, deterministic, of any size.

`founding` how the town begins, `words` what people write, `draft` what a case is about, `life` what happens to it,
`hardships` what gets in the agents' way, `year` how many cases make a year of history. `graph` plays Facebook,
`graph_server` gives it a port, and a page on which a visitor can write.
"""
