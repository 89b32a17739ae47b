"""What is done in the town hall, by whomever it is asked for?

Coming in: `mailroom` fetches, `intake` takes in (`read_message`, `senders`, `clues`, `sequels`, `inspection`, `media`,
`profiles`, `laying`), `filing` a resident's form, `reception` who comes in person. `mail_ledger` adds the mail up,
`replay` reads it anew.
Deciding: `desk` is the one door; `reactions` do what an event calls for (`deeds`), `clock` what time calls for.
Going out: `letters` words it, `papers` sets it, `acknowledgement`, `surveys`, `followers` and `third_parties` write on
their own as far as `restraint` lets them; `delivery` sends (`way_out`, `sent_copies`, `page_replies`,
`page_standing`), `second_code` asks who reads.
Reading: `projector` folds facts into tables (`views`, `codec`), `rebuild` does it anew (`folding`), `cuts` as of then;
`figures` counts, `subtotals` keeps what was counted, `committee` accounts for it; `duplicates` and `same_problem` find
likenesses.
The town: `town_hall` adopts what it decides, `simulating` tries other rules, `publishing` makes them hold, `holidays`
knows the public ones, `correcting` puts a wrong calendar right. `files` is what may come in by any page; what a mail
brings is judged by `inspection`, what Facebook brings by `media`.
Care: `checking` and `vitals` say how it stands, `proofreading` holds words against the log, `erasure` forgets a person
(`remnants`: not yet everywhere), `recovery` mends after a loss.
"""
