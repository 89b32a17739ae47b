"""Do the servers that the other tests rely on do what those tests believe?"""

import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from email.message import EmailMessage
from pathlib import Path

import psycopg
import pytest
import sqlalchemy
from imapclient import IMAPClient
from redis import Redis

from tests.servers import Database, Mailbox, Outbox, fresh_database
from tests.servers.process import HOST, listens

ROOT = Path(__file__).resolve().parent.parent
LETTER = b"From: a@exemple.fr\r\nSubject: Lampadaire\r\n\r\nIl fait noir.\r\n"


def test_each_postgres_database_is_fresh_and_speaks_to_both_libraries(postgres_database: Database) -> None:
    with psycopg.connect(postgres_database.dsn) as connection:
        connection.execute("CREATE TABLE seen (id int)")
    engine = sqlalchemy.create_engine(postgres_database.url)
    with engine.connect() as connection:
        assert sqlalchemy.inspect(connection).get_table_names() == ["seen"]
    engine.dispose()


def test_a_database_can_be_copied_from_a_template(postgres_url: str) -> None:
    with ExitStack() as stack:
        template = stack.enter_context(fresh_database(postgres_url))
        with psycopg.connect(template.dsn) as connection:
            connection.execute("CREATE TABLE made_once AS SELECT 1 AS id")
        name = template.dsn.rsplit("/", 1)[1]
        copy = stack.enter_context(fresh_database(postgres_url, template=name))
        with psycopg.connect(copy.dsn) as connection:
            assert connection.execute("SELECT id FROM made_once").fetchall() == [(1,)]


def test_postgres_keeps_accents(postgres_database: Database) -> None:
    with psycopg.connect(postgres_database.dsn) as connection:
        assert connection.execute("SELECT lower('ÉCOLE'), 'œuf'").fetchone() == ("école", "œuf")


def test_redis_runs_the_scripts_dramatiq_needs(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        assert client.eval("return redis.call('incr', KEYS[1])", 1, "n") == 1


def test_redis_is_empty_at_first(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        assert client.keys() == []


def test_a_mailbox_gives_back_the_very_bytes(imap_server: Mailbox) -> None:
    imap_server.append(LETTER)
    assert imap_server.messages() == [LETTER]


def test_a_mailbox_is_empty_at_first(imap_server: Mailbox) -> None:
    assert (imap_server.messages(), imap_server.folders()) == ([], ["INBOX"])


def test_a_message_can_be_moved(imap_server: Mailbox) -> None:
    imap_server.create_folder("Traités")
    imap_server.append(LETTER)
    with imap_server.client() as client:
        assert client.has_capability("MOVE")
        client.move(client.search("ALL"), "Traités")
    assert (imap_server.messages(), imap_server.messages("Traités")) == ([], [LETTER])


def test_a_waiting_client_hears_of_a_new_message(imap_server: Mailbox) -> None:
    with imap_server.client() as client:
        client.idle()
        imap_server.append(LETTER)
        answers = client.idle_check(timeout=10)
        client.idle_done()
    assert (1, b"EXISTS") in answers


def test_a_folder_made_again_is_another_folder(imap_server: Mailbox) -> None:
    def validity() -> int:
        imap_server.create_folder("Passage")
        with imap_server.client("Passage") as client:
            found: int = client.folder_status("Passage", ["UIDVALIDITY"])[b"UIDVALIDITY"]
        imap_server.delete_folder("Passage")
        time.sleep(1.1)  # Dovecot counts in seconds
        return found

    assert validity() != validity()


def test_the_line_to_the_mailbox_can_be_cut_and_go_down(imap_server: Mailbox) -> None:
    with suppress(OSError, IMAPClient.Error), imap_server.client() as client:
        imap_server.line.cut()
        with pytest.raises((OSError, IMAPClient.Error)):
            client.noop()
    imap_server.line.down()
    with pytest.raises((OSError, IMAPClient.Error)):
        imap_server.messages()
    imap_server.line.up()
    assert imap_server.messages() == []


def send(outbox: Outbox) -> None:
    letter = EmailMessage()
    letter["Subject"] = "Votre demande"
    letter.set_content("Bonjour à vous.")
    with smtplib.SMTP(outbox.host, outbox.port, timeout=10) as server:
        server.send_message(letter, "mairie@exemple.fr", ["a@exemple.fr"])


def test_smtp_keeps_what_it_is_given(smtp_server: Outbox) -> None:
    send(smtp_server)
    [received] = smtp_server.messages
    assert (received.sender, received.recipients) == ("mairie@exemple.fr", ("a@exemple.fr",))
    assert b"Subject: Votre demande" in received.raw


@pytest.mark.parametrize("at", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("code", [450, 550])
def test_smtp_refuses_when_told(smtp_server: Outbox, at: str, code: int) -> None:
    smtp_server.refuse(f"{code} not now", at=at)
    with pytest.raises((smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)) as refused:
        send(smtp_server)
    assert str(code) in str(refused.value)
    assert smtp_server.messages == []


def test_smtp_refuses_one_recipient_only(smtp_server: Outbox) -> None:
    smtp_server.refuse("550 unknown", only="b@exemple.fr")
    send(smtp_server)
    assert len(smtp_server.messages) == 1


@pytest.mark.parametrize(("at", "kept"), [("RCPT", 0), ("DATA", 0), ("after", 1)])
def test_smtp_hangs_up_when_told(smtp_server: Outbox, at: str, kept: int) -> None:
    smtp_server.drop(at)
    with pytest.raises((smtplib.SMTPException, OSError)):
        send(smtp_server)
    assert len(smtp_server.messages) == kept


RUN_TO_BE_KILLED = """
from contextlib import ExitStack
import time
from tests.servers import imap, postgres, redis
with ExitStack() as stack:
    mailbox = stack.enter_context(imap())
    addresses = [stack.enter_context(postgres()), stack.enter_context(redis())]
    ports = [address.split(":")[-1].split("/")[0] for address in addresses]
    print(mailbox.port, *ports, flush=True)
    for _ in range(600):
        time.sleep(0.1)  # one long sleep may miss a signal
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_servers_end_with_the_run_even_when_it_is_killed(how: signal.Signals) -> None:
    if os.environ.get("GRU_TEST_POSTGRES"):
        pytest.skip("PostgreSQL is not ours here")
    run = subprocess.Popen(
        [sys.executable, "-c", RUN_TO_BE_KILLED],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert run.stdout
    ports = [int(port) for port in run.stdout.readline().split()]
    assert [listens(port) for port in ports] == [True, True, True]
    run.send_signal(how)
    run.communicate(timeout=60)  # on a busy machine one takes twenty seconds to put three servers away
    give_up = time.monotonic() + 15
    while any(listens(port) for port in ports) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert [listens(port) for port in ports] == [False, False, False]


@pytest.mark.browser
def test_the_browser_shows_a_page(request: pytest.FixtureRequest) -> None:
    page = request.getfixturevalue("chromium").new_page()
    page.set_content("<h1>Bonjour</h1>")
    assert page.inner_text("h1") == "Bonjour"
    page.close()


def test_nothing_listens_beyond_this_machine(postgres_url: str, redis_url: str, imap_server: Mailbox) -> None:
    ports = [int(address.split(":")[-1].split("/")[0]) for address in (postgres_url, redis_url)]
    for port in (*ports, imap_server.port):
        with socket.create_connection((HOST, port)) as line:
            assert line.getpeername()[0] == HOST
