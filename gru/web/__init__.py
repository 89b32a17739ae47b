"""How do agents, residents and the committee meet the town's cases? The only floor that knows Flask.

For whom: `residents`, `agents`, `counter`, `reports`, `committee`, `admin`; `facebook` is Meta's door. A view parses,
executes, redirects; its `…_page` says the words; templates lie beside it. Shared: `app` puts it together, `owners`
says who may ask, `auth` and `security` see to it, `current` knows the request. In: `forms`, `uploads`, `typed`. Out:
`pages`, `templating`, `assets`, `errors`; in French: `i18n`, `labels`, `dates`, `badges`; in pictures: `charts`.
`at_kiosk` tells a kiosk's pages from a resident's own.
"""
