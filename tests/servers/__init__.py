"""Which real servers do the tests talk to? Throwaway ones, on free loopback ports, gone with the run."""

from tests.servers.browser import browser, find_browser
from tests.servers.imap import Mailbox, find_imap, imap
from tests.servers.needs import Missing, need
from tests.servers.postgres import Database, find_postgres, fresh_database, postgres
from tests.servers.redis import find_redis, redis
from tests.servers.smtp import Outbox, Received, smtp

__all__ = [
    "Database",
    "Mailbox",
    "Missing",
    "Outbox",
    "Received",
    "browser",
    "find_browser",
    "find_imap",
    "find_postgres",
    "find_redis",
    "fresh_database",
    "imap",
    "need",
    "postgres",
    "redis",
    "smtp",
]
