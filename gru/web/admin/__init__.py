"""Is everything running, and what should the operator look at?

`health` and `mail` say how it stands (`health_page`, `mail_page`). The town's rules: `engagements`, `calendars` and
`weeks` change a draft of them (`drafting`), `simulations` and `comparing` try it on the past, `publishing` makes it
hold; `rules_page`, `publish_page` and `rule_words` say it in French.
"""
