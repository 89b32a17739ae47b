"""What does the environment say? The only reader of it; each setting stands once, with what it is for."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any


class BadSetting(Exception):
    """A setting is missing or cannot be read; the sentence says which and what to do."""


@dataclass(frozen=True)
class Setting:
    """`name` in the environment, `default` when it is not there (`None`: it must be), what it is for."""

    name: str
    meaning: str
    default: str | None = ""


ALL = (
    Setting("GRU_DATA", "Folder of the embedded databases and files.", "var/town"),
    Setting("GRU_DATABASE_URL", "PostgreSQL, as postgresql://user:password@host/name; empty: SQLite in GRU_DATA."),
    Setting("GRU_KEYS_DATABASE_URL", "PostgreSQL database of the keys; needed with GRU_DATABASE_URL."),
    Setting("GRU_SECRET", "64 hex digits: derives links, codes, signed addresses and digests. Keep it for ever.", None),
    Setting("GRU_MASTER_KEY", "64 hex digits: wraps every person's key. Keep it apart from the backups.", None),
    Setting("GRU_PUBLIC_URL", "Address residents and agents open, without a slash at its end.", "http://127.0.0.1:8000"),
    Setting("GRU_LISTEN", "host:port the web process listens on.", "127.0.0.1:8000"),
    Setting("GRU_WEB_THREADS", "Threads of one web process.", "64"),
    Setting("GRU_WEB_WORKERS", "Web processes.", "1"),
    Setting("GRU_PROXIES", "Number of reverse proxies whose X-Forwarded-For is believed.", "0"),
    Setting("GRU_MAILBOXES", "Mailboxes to read, separated by spaces: imaps://user:password@host/INBOX?done=Folder"
            " (without done: messages stay where they are) or maildir:///folder."),
    Setting("GRU_MAIL_SINCE", "First day of mail, such as 2026-11-23: what a mailbox received before it is left alone;"
            " empty: everything is taken in. A mailbox with ?since=2026-11-23 in its address has a first day of its"
            " own."),
    Setting("GRU_MAIL_ADDRESS", "Address the town writes from; replies go to it with a signed tag.",
            "demande@localhost"),
    Setting("GRU_MAIL_AUTHSERV", "Name our mail server signs Authentication-Results with; empty: none is believed."),
    Setting("GRU_MAIL_POLL_SECONDS", "How often a mailbox is asked when its server cannot announce mail.", "60"),
    Setting("GRU_SMTP_URL", "Where mail leaves: smtp://host:25, smtps://user:password@host, smtp+starttls://…;"
            " or maildir:///folder to write it to a folder."),
    Setting("GRU_MAIL_SENT", "Mailbox that keeps a copy of each mail sent: imaps://user:password@host (its folder for"
            " sent mail is found) or imaps://user:password@host/Folder; empty: none."),
    Setting("GRU_MAIL_TOKEN_URL", "https address that gives tokens (OAuth2) to mailboxes and mail servers with"
            " ?auth=xoauth2 or ?auth=oauthbearer in their address; the password there is the refresh token, none:"
            " client credentials."),
    Setting("GRU_MAIL_CLIENT_ID", "Id of the town's program at the provider of mail; needed with GRU_MAIL_TOKEN_URL."),
    Setting("GRU_MAIL_CLIENT_SECRET", "The program's secret there."),
    Setting("GRU_MAIL_SCOPE", "What the token is asked for, such as https://outlook.office365.com/.default"),
    Setting("GRU_CLAMD", "ClamAV that judges every file: unix:///run/clamav/clamd.ctl or tcp://127.0.0.1:3310; empty:"
            " files are not scanned, and the page of the machinery's state says so."),
    Setting("GRU_FACEBOOK_PAGES", "Pages of the town, separated by spaces, each as id:token (a page token that does not"
            " expire); empty: no page."),
    Setting("GRU_FACEBOOK_APP_ID", "Id of the town's app at Meta: what another app wrote was typed elsewhere."),
    Setting("GRU_FACEBOOK_APP_SECRET", "The app's secret: whoever has it can sign webhooks. Empty: none is believed."),
    Setting("GRU_FACEBOOK_VERIFY_TOKEN", "Word given to Meta when the webhook is set up; empty: it cannot be."),
    Setting("GRU_FACEBOOK_GRAPH_URL", "Where the Graph API is asked.", "https://graph.facebook.com"),
    Setting("GRU_FACEBOOK_VERSION", "Version of the Graph API.", "v26.0"),
    Setting("GRU_REDIS_URL", "Redis for the queue; empty: the queue lives inside the worker."),
    Setting("GRU_WORKER_THREADS", "Threads of one worker process.", "4"),
    Setting("GRU_LOG_LEVEL", "DEBUG, INFO, WARNING or ERROR.", "INFO"),
)  # fmt: skip


@dataclass(frozen=True)
class Settings:
    data: Path
    database_url: str
    keys_database_url: str
    secret: bytes
    master_key: bytes
    public_url: str
    listen: str
    web_threads: int
    web_workers: int
    proxies: int
    mailboxes: tuple[str, ...]
    mail_since: date | None
    mail_address: str
    mail_authserv: str
    mail_poll_seconds: int
    smtp_url: str
    mail_sent: str
    mail_token_url: str
    mail_client_id: str
    mail_client_secret: str
    mail_scope: str
    clamd: str
    facebook_pages: tuple[tuple[str, str], ...]
    facebook_app_id: str
    facebook_app_secret: str
    facebook_verify_token: str
    facebook_graph_url: str
    facebook_version: str
    redis_url: str
    worker_threads: int
    log_level: str

    @property
    def embedded(self) -> bool:
        return not self.database_url


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """Raises `BadSetting` with every fault there is, a sentence each."""
    environment = os.environ if environment is None else environment
    faults: list[str] = []
    values: dict[str, Any] = {}
    for setting in ALL:
        key = setting.name.removeprefix("GRU_").lower()
        raw = environment.get(setting.name) or setting.default
        if raw is None:
            faults.append(f"{setting.name} is not set. {setting.meaning}")
            continue
        try:
            values[key] = _READERS.get(key, str)(raw)
        except ValueError as error:
            faults.append(f"{setting.name} {error}")
    if values.get("database_url") and not values.get("keys_database_url"):
        faults.append("GRU_KEYS_DATABASE_URL is not set: the keys need a database of their own.")
    if values.get("mail_token_url") and not values.get("mail_client_id"):
        faults.append("GRU_MAIL_CLIENT_ID is not set: the token server must know who asks.")
    if faults:
        raise BadSetting("\n".join(faults))
    return Settings(**{field.name: values[field.name] for field in fields(Settings)})


def _key(raw: str) -> bytes:
    try:
        key = bytes.fromhex(raw)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise ValueError("must be 64 hex digits, as `openssl rand -hex 32` prints.")
    return key


def _number(raw: str) -> int:
    if not raw.isdigit():
        raise ValueError(f"must be a whole number, not {raw!r}.")
    return int(raw)


def _level(raw: str) -> str:
    if raw.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError(f"must be DEBUG, INFO, WARNING or ERROR, not {raw!r}.")
    return raw.upper()


def _url(raw: str) -> str:
    if not raw.startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://.")
    return raw.rstrip("/")


def _secure_url(raw: str) -> str:
    if raw and not raw.startswith("https://"):
        raise ValueError("must begin with https://: secrets are sent there.")
    return raw


def _clamd(raw: str) -> str:
    tcp = raw.removeprefix("tcp://").rpartition(":")
    if raw and not raw.startswith("unix:///") and not (raw.startswith("tcp://") and tcp[0] and tcp[2].isdigit()):
        raise ValueError("must be unix:///path/of/the/socket or tcp://host:port.")
    return raw


def _day(raw: str) -> date | None:
    try:
        return date.fromisoformat(raw) if raw else None
    except ValueError:
        raise ValueError(f"must be a day such as 2026-11-23, not {raw!r}.") from None


def _address(raw: str) -> str:
    if raw.count("@") != 1 or raw.startswith("@") or raw.endswith("@"):
        raise ValueError("must be a mail address such as demande@ville.example.")
    return raw


def _pages(raw: str) -> tuple[tuple[str, str], ...]:
    found = []
    for number, word in enumerate(raw.split(), 1):
        id, _, token = word.partition(":")
        if not id.isascii() or not id.isdigit() or not token:
            raise ValueError(f"must hold id:token for each page; number {number} is none.")
        found.append((id, token))
    return tuple(found)


def _version(raw: str) -> str:
    if not (raw.startswith("v") and raw[1:].replace(".", "", 1).isdigit()):
        raise ValueError(f"must be a version such as v26.0, not {raw!r}.")
    return raw


_READERS: dict[str, Any] = {
    "data": Path,
    "secret": _key,
    "master_key": _key,
    "public_url": _url,
    "mailboxes": lambda raw: tuple(raw.split()),
    "mail_since": _day,
    "mail_token_url": _secure_url,
    "mail_address": _address,
    "facebook_pages": _pages,
    "facebook_graph_url": _url,
    "facebook_version": _version,
    "web_threads": _number,
    "web_workers": _number,
    "clamd": _clamd,
    "proxies": _number,
    "mail_poll_seconds": _number,
    "worker_threads": _number,
    "log_level": _level,
}
