"""Does each reply leave whole, in turn and once, and does a copy of it lie where people look? On real servers."""

import email
import email.policy
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from gru.channels.base import ChannelBroken
from gru.channels.email import sent_folder
from gru.channels.email.imap_line import ImapAccount
from gru.channels.email.sent_folder import SentFolder
from gru.channels.email.tokens import Tokens
from gru.domain import case as c
from gru.domain import events as e
from gru.domain.case import Case
from gru.storage.people import Person
from tests.journeys.post import smtp_url
from tests.journeys.test_once import case_of
from tests.journeys.towns import MONDAY, Journey, mail, open_journey, settings_for
from tests.servers import Mailbox, Outbox, TokenOffice, find_imap_by_token, imap_by_token, need, token_office
from tests.servers.imap import PASSWORD, USER


class Leaving:
    """A town whose mail leaves over SMTP, with one case whose receipt has left."""

    def __init__(self, journey: Journey, server: Outbox) -> None:
        self.journey = journey
        self.server = server
        self.case = case_of(journey, journey.arrives(mail()))
        server.messages.clear()

    def write(self, number: int, text: str = "C’est fait.", file: bytes = b"", to: str = "") -> str:
        archive, reply_id = self.journey.office.archive, f"{number:032x}"
        person = to or self.case.requester
        files = ()
        if file:
            files = (archive.put_file("plan.pdf", "application/pdf", file, person=person, case=self.case.id),)
        ref = archive.write_text(f"Objet : {number}\n\n{text}", person=person, case=self.case.id)
        reply = c.WriteReply(
            case_id=self.case.id, reply_id=reply_id, kind="answer", channel="email", text=ref, files=files, to=person
        )
        self.journey.office.desk.execute(reply, by="agent:1")
        return reply_id

    def settle(self) -> None:
        self.journey.settle()

    def later(self, **time: float) -> None:
        self.journey.watch.pass_(**time)
        self.journey.settle()

    def now(self) -> Case:
        case = self.journey.office.desk.case(self.case.id)
        assert case is not None
        return case

    def state(self, reply_id: str) -> str:
        return self.now().replies[reply_id].state

    def failure(self, reply_id: str) -> str:
        history = self.journey.office.log.history(self.case.id)
        [found] = [r.event for r in history if isinstance(r.event, e.DeliveryFailed) and r.event.reply_id == reply_id]
        assert found.permanent
        return found.reason

    def mails(self) -> list[EmailMessage]:
        return [email.message_from_bytes(one.raw, policy=email.policy.default) for one in self.server.messages]


@pytest.fixture
def opened(sqlite_town: Path, tmp_path: Path, smtp_server: Outbox) -> Iterator[Leaving]:
    with opening(sqlite_town, tmp_path, smtp_server) as town:
        yield town


@contextmanager
def opening(sqlite_town: Path, tmp_path: Path, server: Outbox, **more: str) -> Iterator[Leaving]:
    shutil.copytree(sqlite_town, tmp_path / "town")
    with open_journey(settings_for(tmp_path / "town", GRU_SMTP_URL=smtp_url(server), **more)) as journey:
        yield Leaving(journey, server)


# --- too large -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["552 5.3.4 message too big", "552 too big", "554 5.2.3 too long"])
def test_files_too_large_to_travel_are_named_with_a_link_and_the_words_still_leave(
    opened: Leaving, answer: str
) -> None:
    refuse_files(opened.server, answer)
    reply = opened.write(1, text="Voici le plan.", file=b"%PDF-1.4 " + b"x" * 5000)
    opened.settle()
    [sent] = opened.mails()
    text = sent.get_content()
    assert "Voici le plan." in text and "- plan.pdf" in text
    assert opened.journey.office.letters.case_link(opened.case) in text.replace("=\n", "")
    assert opened.state(reply) == "sent"
    [recorded] = [r.event for r in history(opened) if isinstance(r.event, e.ReplySent) and r.event.reply_id == reply]
    assert recorded.by_link


def refuse_files(server: Outbox, answer: str) -> None:
    """As a provider does with whatever bears a file."""
    server.refuse_if = lambda raw: answer if b"filename" in raw else ""


def test_words_that_are_too_large_alone_are_not_sent_and_an_agent_is_told(opened: Leaving) -> None:
    opened.server.refuse("552 5.3.4 too big", at="DATA")
    reply = opened.write(1, file=b"%PDF-1.4")
    opened.settle()
    assert (opened.state(reply), opened.failure(reply)) == ("failed", "too_large")
    assert opened.mails() == []


def test_who_has_no_tracking_page_is_not_sent_there(opened: Leaving) -> None:
    follower = opened.journey.office.archive.meet_person(Person(email="paul@courriel.example"))
    refuse_files(opened.server, "552 5.3.4 too big")
    reply = opened.write(1, file=b"%PDF-1.4", to=follower)
    opened.settle()
    assert (opened.failure(reply), opened.mails()) == ("too_large", [])


def history(opened: Leaving) -> list[e.Recorded]:
    return opened.journey.office.log.history(opened.case.id)


# --- a full mailbox, a limit ---------------------------------------------------------------------------------------


def test_a_reader_has_two_days_to_make_room(opened: Leaving) -> None:
    opened.server.refuse("452 4.2.2 mailbox full")
    reply = opened.write(1)
    opened.settle()
    opened.later(hours=40)
    assert opened.state(reply) == "written"
    opened.server.accept()
    opened.later(hours=5)
    assert (opened.state(reply), len(opened.mails())) == ("sent", 1)


@pytest.mark.parametrize(("answer", "wait"), [("552 5.2.2 mailbox full", 0), ("452 4.2.2 mailbox full", 60)])
def test_a_mailbox_that_stays_full_is_a_task(opened: Leaving, answer: str, wait: int) -> None:
    opened.server.refuse(answer)
    reply = opened.write(1)
    opened.settle()
    opened.later(hours=wait)
    assert (opened.state(reply), opened.failure(reply)) == ("failed", "mailbox_full")


def test_a_limit_holds_mails_back_in_their_order_and_doubles_none(opened: Leaving) -> None:
    opened.server.refuse("451 4.7.0 too many messages", at="MAIL")
    replies = [opened.write(number) for number in (1, 2, 3)]
    opened.settle()
    for _ in range(4):
        opened.later(minutes=5)
    assert {opened.state(reply) for reply in replies} == {"written"}
    opened.server.accept()
    for _ in range(30):
        opened.later(minutes=5)
    assert [sent["Subject"] for sent in opened.mails()] == ["1", "2", "3"]
    assert {opened.state(reply) for reply in replies} == {"sent"}


def test_a_mail_that_never_leaves_holds_the_next_one_for_a_day_only(opened: Leaving) -> None:
    opened.server.refuse_if = lambda raw: "451 4.3.0 not this one" if b"Subject: 1\r\n" in raw else ""
    opened.write(1)
    second = opened.write(2)
    opened.settle()
    opened.later(hours=23)
    assert opened.state(second) == "written"
    opened.later(hours=2)
    assert [sent["Subject"] for sent in opened.mails()] == ["2"]


# --- a copy in the mailbox -----------------------------------------------------------------------------------------


@pytest.fixture
def copying(sqlite_town: Path, tmp_path: Path, smtp_server: Outbox, imap_server: Mailbox) -> Iterator[Leaving]:
    imap_server.create_folder("Partis")
    where = f"imap://{USER}:{PASSWORD}@{imap_server.host}:{imap_server.line.port}/Partis"
    with opening(sqlite_town, tmp_path, smtp_server, GRU_MAIL_SENT=where) as town:
        town.settle()
        with imap_server.client("Partis") as client:
            client.delete_messages(client.search("ALL"))
            client.expunge()
        yield town


def test_a_copy_of_what_left_lies_in_the_folder_as_read(copying: Leaving, imap_server: Mailbox) -> None:
    copying.write(1)
    copying.settle()
    [sent] = copying.mails()
    [raw] = imap_server.messages("Partis")
    copy = email.message_from_bytes(raw, policy=email.policy.default)
    assert {name: copy[name] for name in ("Message-ID", "Subject", "To", "From")} == {
        name: sent[name] for name in ("Message-ID", "Subject", "To", "From")
    }
    assert copy.get_content() == sent.get_content()
    with imap_server.client("Partis") as client:
        [item] = client.fetch(client.search("ALL"), ["FLAGS"]).values()
    assert b"\\Seen" in item[b"FLAGS"]


def test_a_copy_whose_end_was_not_heard_is_not_made_twice(copying: Leaving, imap_server: Mailbox) -> None:
    reply = copying.write(1)
    copying.settle()
    office = copying.journey.office
    office.reactions._deeds["copy_sent"](copying.case.id, reply, "again")
    assert len(imap_server.messages("Partis")) == 1


def test_a_copy_that_is_refused_stops_no_mail_and_is_an_alarm_until_it_is_made(
    copying: Leaving, imap_server: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise IMAPClientError("append failed: [OVERQUOTA] Quota exceeded")

    monkeypatch.setattr(IMAPClient, "append", full)
    reply = copying.write(1)
    copying.settle()
    assert copying.state(reply) == "sent"
    [sign] = [one for one in copying.journey.office.work.signs() if one.name == "outgoing:copies"]
    assert sign.is_failing and "full" in sign.failure
    monkeypatch.undo()
    copying.later(minutes=10)
    assert len(imap_server.messages("Partis")) == 1
    [sign] = [one for one in copying.journey.office.work.signs() if one.name == "outgoing:copies"]
    assert not sign.is_failing
    assert len(copying.mails()) == 1


def test_a_copy_is_called_for_before_the_sending_is_recorded(copying: Leaving, imap_server: Mailbox) -> None:
    """Cut off after the mail left: both are done again, and one copy lies there."""
    reply = copying.write(1)
    office = copying.journey.office
    while office.reactions.react():
        pass
    office.delivery._desk = Cut()
    with pytest.raises(SystemExit):
        office.delivery.deliver(copying.case.id, reply, "1:0:deliver")
    assert office.work.effects_of(["1:0:deliver:copy_sent"])
    office.delivery._desk = office.desk
    copying.settle()
    copying.later(minutes=2)
    assert {sent["Message-ID"] for sent in copying.mails()} == {copying.mails()[0]["Message-ID"]}
    assert len(imap_server.messages("Partis")) == 1


class Cut:
    """The process ends here."""

    def execute(self, *_: object, **__: object) -> None:
        raise SystemExit


def test_the_copy_of_a_mail_whose_words_were_erased_meanwhile_is_not_made(
    copying: Leaving, imap_server: Mailbox
) -> None:
    reply = copying.write(1)
    copying.settle()
    with imap_server.client("Partis") as client:
        client.delete_messages(client.search("ALL"))
        client.expunge()
    office = copying.journey.office
    [written] = [r.event for r in history(copying) if isinstance(r.event, e.ReplyWritten) and r.event.reply_id == reply]
    assert written.text is not None
    office.archive.redact(written.text.id)
    office.reactions._deeds["copy_sent"](copying.case.id, reply, "again")
    assert imap_server.messages("Partis") == []


def test_the_folder_for_sent_mail_is_found_by_what_the_server_says_it_is_for() -> None:
    need(find_imap_by_token)
    with token_office(TokenOffice(USER)) as port, imap_by_token(port) as mailbox:
        account = ImapAccount.from_url(f"imap://{USER}:{PASSWORD}@{mailbox.host}:{mailbox.line.port}")
        folder = SentFolder(account, Tokens(None))
        raw = b"Message-ID: <1@ville.example>\r\nSubject: x\r\n\r\nx\r\n"
        assert folder.put("<1@ville.example>", raw, MONDAY)
        assert not folder.put("<1@ville.example>", raw, MONDAY)
        assert mailbox.messages("Envoyés") == [raw]


def test_a_mailbox_that_does_not_say_which_folder_it_is_calls_an_operator(imap_server: Mailbox) -> None:
    account = ImapAccount.from_url(f"imap://{USER}:{PASSWORD}@{imap_server.host}:{imap_server.line.port}")
    for folder, sentence in ((sent_folder.FOUND, "does not say which"), ("Nulle part", "has no folder")):
        asked = SentFolder(replace(account, folder=folder), Tokens(None))
        with pytest.raises(ChannelBroken, match=sentence):
            asked.put("<1@ville.example>", b"\r\n", MONDAY)


# --- patience ------------------------------------------------------------------------------------------------------


def test_waiting_for_its_turn_or_for_the_provider_costs_a_mail_none_of_its_attempts(opened: Leaving) -> None:
    opened.server.refuse("451 4.7.0 too many messages", at="MAIL")
    replies = [opened.write(number) for number in (1, 2)]
    opened.settle()
    for _ in range(80):
        opened.later(minutes=10)
    attempts = sorted(one.attempts for one in opened.journey.office.work.effects_of(keys(opened)).values())
    assert attempts[0] == 0 and attempts[-1] < 20
    assert {opened.state(reply) for reply in replies} == {"written"}
    opened.server.accept()
    for _ in range(40):
        opened.later(minutes=15)
    assert [sent["Subject"] for sent in opened.mails()] == ["1", "2"]


def keys(opened: Leaving) -> list[str]:
    """Of what is called for by the two letters."""
    written = [one for one in history(opened) if isinstance(one.event, e.ReplyWritten) and one.event.human]
    return [f"{one.position}:0:deliver" for one in written]
