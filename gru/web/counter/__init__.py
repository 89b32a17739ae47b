"""How are those served who come, call or write on paper: entry, receipt, waiting room, letters, kiosk?

One screen: `entries` has its addresses, `entry` what was typed, `entry_view` and `entry_page` show it, `recording`
makes it history; `known` and `motives` help while typing, `relay` hands the post over. Papers: `receipts`, `handing`,
`mailing`.
Without a case: `tally`. Those who wait: `waiting`, `kiosk`.
"""
