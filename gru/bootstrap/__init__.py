"""How is an office put together? The only place where things are built; every floor below is handed what it needs.

`office`: everything one process works with; `ways`: the mailboxes and channels that the settings name.
"""

from gru.bootstrap.office import Office, build_office, open_databases, open_office, utc_now

__all__ = ["Office", "build_office", "open_databases", "open_office", "utc_now"]
