"""Which real servers do the tests talk to? Throwaway ones, on free loopback ports, gone with the run."""

from tests.servers.browser import browser, find_browser
from tests.servers.imap import (
    Mailbox,
    find_imap,
    find_imap_by_token,
    find_imap_with_quota,
    imap,
    imap_by_token,
    imap_with_quota,
)
from tests.servers.needs import Missing, need
from tests.servers.postgres import Database, find_postgres, fresh_database, postgres
from tests.servers.redis import find_redis, redis
from tests.servers.smtp import Outbox, Received, smtp
from tests.servers.tokens import TokenOffice, token_office

__all__ = [
    "Database",
    "Mailbox",
    "Missing",
    "Outbox",
    "Received",
    "TokenOffice",
    "browser",
    "find_browser",
    "find_imap",
    "find_imap_by_token",
    "find_imap_with_quota",
    "find_postgres",
    "find_redis",
    "fresh_database",
    "imap",
    "imap_by_token",
    "imap_with_quota",
    "need",
    "postgres",
    "redis",
    "smtp",
    "token_office",
]
