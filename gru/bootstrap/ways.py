"""Which ways lead in and out: mailboxes, pages, tokens, as the settings name them?"""

from collections.abc import Callable
from datetime import date, datetime, time
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from gru.channels.base import RawMessage, Source
from gru.channels.email.channel import EmailChannel, Transport
from gru.channels.email.imap import Cursor, ImapAccount, ImapSource
from gru.channels.email.maildir import MaildirSource
from gru.channels.email.sent_folder import SentFolder
from gru.channels.email.smtp import MaildirTransport, transport
from gru.channels.email.tokens import Tokens, TokenServer
from gru.channels.facebook.graph import Graph, Page
from gru.channels.facebook.polling import PageSource
from gru.office.town_hall import NoTown, TownBook
from gru.settings import Settings
from gru.storage.archive import Archive
from gru.storage.messages import Arriving
from gru.storage.work import Work


class WaysIn:
    """Opens what is to be read, each mailbox where it was left."""

    def __init__(
        self,
        settings: Settings,
        *,
        town: TownBook,
        work: Work,
        archive: Archive,
        graph: Graph,
        tokens: Tokens,
        now: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._town = town
        self._work = work
        self._archive = archive
        self._graph = graph
        self._tokens = tokens
        self._now = now

    def sources(self) -> list[Source]:
        """The mailboxes to read, and the pages to ask, as set."""
        mailboxes = [self._source(url) for url in self._settings.mailboxes]
        return [*mailboxes, *(self._page(page) for page in pages_of(self._settings))]

    def _page(self, page: Page) -> Source:
        return PageSource(
            page,
            self._graph,
            known=lambda names: self._archive.message_keys_for("facebook", names),
            key_of=lambda message: self._archive.message_key(arriving(message)),
            now=self._now,
        )

    def _source(self, url: str) -> Source:
        if url.startswith("maildir://"):
            folder = Path(unquote(url.removeprefix("maildir://")))
            since = self._beginning(self._settings.mail_since)
            return MaildirSource(folder, self._settings.mail_address, since=since)
        account = ImapAccount.from_url(url)
        source = account.user if "@" in account.user else self._settings.mail_address
        since = self._beginning(account.since or self._settings.mail_since)
        return ImapSource(account, source, self._cursor, self._move_cursor, since=since, tokens=self._tokens)

    def _beginning(self, day: date | None) -> datetime | None:
        """Of a day where the town lies; before it adopted a catalogue, in the zone of the whole country."""
        if day is None:
            return None
        try:
            zone = self._town.in_force(self._now()).legal_calendar.zone
        except NoTown:
            zone = ZoneInfo("Europe/Paris")
        return datetime.combine(day, time(), zone)

    def _cursor(self, mailbox: str) -> Cursor | None:
        known = self._work.cursor(mailbox)
        return Cursor(*known) if known else None

    def _move_cursor(self, mailbox: str, cursor: Cursor) -> None:
        self._work.move_cursor(mailbox, cursor.uidvalidity, cursor.uid)


def pages_of(settings: Settings) -> tuple[Page, ...]:
    return tuple(Page(id, token) for id, token in settings.facebook_pages)


def arriving(message: RawMessage) -> Arriving:
    return Arriving(
        message.channel,
        message.source,
        message.external_id,
        message.raw,
        message.received_at,
        message.content_digest,
        message.names,
    )


def token_server(settings: Settings) -> TokenServer | None:
    if not settings.mail_token_url:
        return None
    who = (settings.mail_client_id, settings.mail_client_secret, settings.mail_scope)
    return TokenServer(settings.mail_token_url, *who)


def sent_folder(settings: Settings, tokens: Tokens) -> SentFolder | None:
    return SentFolder(ImapAccount.from_url(settings.mail_sent), tokens) if settings.mail_sent else None


def way_out(settings: Settings, tokens: Tokens) -> Transport:
    """Without GRU_SMTP_URL mail is written to the folder `outbox` beside the data."""
    return transport(settings.smtp_url, tokens) if settings.smtp_url else MaildirTransport(settings.data / "outbox")


def email_channel(settings: Settings, transport: Transport, now: Callable[[], datetime]) -> EmailChannel:
    return EmailChannel(
        address=settings.mail_address,
        instance=sha256(b"instance" + settings.secret).hexdigest()[:16],
        authserv=settings.mail_authserv,
        transport=transport,
        now=now,
    )
