"""How does a copy of what was sent come to lie in the mailbox's own folder, once?"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError
from imapclient.imapclient import SEEN, SENT

from gru.channels.base import ChannelBroken
from gru.channels.email.imap_line import ImapAccount, hang_up, open_line, said_as_a_channel
from gru.channels.email.tokens import Tokens

FOUND = "INBOX"
"""The folder of an address that names none: the server is asked which is meant for sent mail (RFC 6154)."""


class SentFolder:
    def __init__(self, account: ImapAccount, tokens: Tokens) -> None:
        self._account = account
        self._tokens = tokens

    def put(self, message_id: str, mail: bytes, sent_at: datetime) -> bool:
        """False when it lies there already: providers do it too, and we may have been cut off after it."""
        with said_as_a_channel():
            client = open_line(self._account, self._tokens)
            try:
                folder = self._folder(client)
                with _refused(f"the mailbox has no folder {folder!r}, or we may not open it"):
                    client.select_folder(folder, readonly=True)
                if client.search(["HEADER", "Message-ID", message_id]):
                    return False
                with _refused("the mailbox does not take the copies of what was sent: it is full, or refuses us"):
                    client.append(folder, mail, (SEEN,), sent_at)
                return True
            finally:
                hang_up(client)

    def _folder(self, client: Any) -> str:
        if self._account.folder != FOUND:
            return self._account.folder
        found = client.find_special_folder(SENT)
        if not found:
            raise ChannelBroken("the mailbox does not say which of its folders is for sent mail: name it")
        return str(found)


@contextmanager
def _refused(sentence: str) -> Iterator[None]:
    try:
        yield
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        raise ChannelBroken(sentence) from error
