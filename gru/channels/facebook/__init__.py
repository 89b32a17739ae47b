"""How do the town's Facebook page and its residents speak to each other?

Coming in: a body is believed (`signature`), cut into `items`, each understood by `reading`, its pictures copied by
`media`; `polling` fetches what was missed. Going out: `windows` says in which way, `guard` what may stand in public,
`graph` sends and `errors` says what its answer means. `channel` is what the town sees of it.
"""
