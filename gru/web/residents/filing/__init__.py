"""How does a resident ask for something on the town's pages: one question a page, without a script?

`steps` says which pages there are, `views` asks them in turn, `filing_page` words them, `draft` keeps the answers.
The pages: `catalogue` and `choosing`, `questions`, `place` and `plan`, `files`, `contact`, then `sending`, `receipt`;
`later` goes on elsewhere. `around` is what stands around each.
"""
