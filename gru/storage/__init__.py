"""Where do things lie? The log, the archive with its keys, the files, the work to be done.

`databases` opens them, `schema` names their tables, `migrations` make these. `log` is the history, `seals` its proof.
`archive` puts together what people wrote (`messages`, `people`, `files`; `named` and `kept` ask many at a time) with
what makes it readable (`keys`, `key_rows`, `sealing`; `scrubbing` takes what was erased out of the files). In *work*
lie `work` itself (effects, leases, positions), the logins of `access`, the `drafts` of residents and the
`simulations`. `backup` copies a town, `standing` says where each part of it is, `alone` keeps something to one
process.
"""
