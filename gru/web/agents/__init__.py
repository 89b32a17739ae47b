"""Where do agents find, read and answer the cases?

Around: `session`, `shell`, `alarm`. The queue: `queue`, `queue_page`, `filters`, `behind` (the cases of a figure).
A case: `cases`, `sheet`, `case_view`, `case_page`; its facts: `facts`, `changes`, `names`; its clocks: `clock_links`,
`explaining`, `explaining_page`; those beside it: `neighbours`, `handed_on`. What is done to it: `actions`, `deeds`; a
reply: `composing`, `held`, `facebook`, `tasks`; made unreadable: `maskable`, `redacting`.
Lists: `messages` nobody took, `duties` to acknowledge, `legal_dates`, `sendings`, `difficulties`, each with its page
(`messages_page`, `duties_page`, `legal_dates_page`, `sendings_page`, `difficulties_page`).
"""
