"""How do mails come in, what do they say, and how do the town's own leave?

Coming in: `imap` (its line: `imap_line`, `tokens`) and `maildir` fetch, `arrival` says what is kept. Read by `mime`:
`parts`, `headers`, `charsets`, `addresses` take it apart; `bodies`, `quotes`, `forwards`, `attachments`, `tnef` find
what was said; `classify` and `bounces` tell whether a person wrote it. The result is `mail`; `inspect` prints it, and
`channel` makes it a message of the town. Leaving: `letter` writes it, `smtp` sends it, `sent_folder` keeps a copy.
"""
