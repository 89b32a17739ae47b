"""What do the figures say, and to which cases do they lead?

`registry` lists the pages, `views` serves them, `asking` and `reach` say what is asked and by whom, `report_page` and
`leading` how it is shown, `exports` how it is taken away, `sides` how things are called. One module an address: `kept`
(/respect, with `suspended`), `delais`, `parcours`, `processus`, `retours`, `stock`, `flux` (with `breakdown`),
`prevision`, `equite`, `opinions` (/avis), `difficulties` (/difficultes); `bulk` shows them without an old backlog
closed in one go.
"""
