"""Can one mail be followed over the wire: in by IMAP, out by SMTP, and the answer to it back into the same case?"""

import email
import email.policy
import time
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from gru.domain import case as c
from gru.domain import events as e
from gru.storage.databases import reading
from projections.queue import queue
from tests.journeys.post import put_into_imap
from tests.journeys.running import Running
from tests.journeys.towns import mail
from tests.servers import Mailbox, Outbox

PROCESSES = ("mail", "worker", "projector")

pytestmark = pytest.mark.timeout(300)


def shown_in_the_queue(town: Running) -> list[str]:
    with reading(town.office.databases.views) as connection:
        return list(connection.scalars(select(queue.c.case_id)))


def received(outbox: Outbox, count: int, town: Running) -> EmailMessage:
    town.wait_until(lambda: len(outbox.messages) >= count, f"{count} mails have left")
    raw = outbox.messages[count - 1].raw
    return email.message_from_bytes(raw, policy=email.policy.default)


def test_a_mail_goes_from_imap_to_a_case_to_smtp_and_its_answer_comes_back(
    imap_town: Running, imap_server: Mailbox, smtp_server: Outbox
) -> None:
    town, desk = imap_town, imap_town.office.desk
    town.start(*PROCESSES)
    put_into_imap(imap_server, [bytes(mail(message_id="<m0@courriel.example>"))])
    town.wait_until(lambda: len(shown_in_the_queue(town)) == 1, "the processes are awake")
    receipt = received(smtp_server, 1, town)

    delivered = time.monotonic()
    put_into_imap(imap_server, [bytes(mail(sender="Paul Renard <paul@courriel.example>", message_id="<p@x.example>"))])
    town.wait_until(lambda: len(shown_in_the_queue(town)) == 2, "the second case is in the queue")
    print(f"\nfrom delivery to the queue: {time.monotonic() - delivered:.2f} s")
    received(smtp_server, 2, town)

    case_id = shown_in_the_queue(town)[0]
    case = desk.case(case_id)
    assert case is not None
    assert case.number in str(receipt["Subject"])
    text = town.office.archive.write_text("C’est fait.", person=case.requester, case=case.id)
    answer = c.WriteReply(case_id=case.id, reply_id="ab" * 16, kind="answer", channel="email", text=text)
    desk.execute(answer, by="agent:1", seen=case.version)
    reply = received(smtp_server, 3, town)
    assert "C’est fait." in reply.get_content()

    thanks = mail(subject="Merci", message_id="<m1@courriel.example>", to=str(reply["Reply-To"]))
    put_into_imap(imap_server, [bytes(thanks)])
    town.wait_until(lambda: town.taken_in() == 3, "the answer is taken in")
    [joined] = [r.event for r in town.office.log.read(0, 10_000) if isinstance(r.event, e.MessageReceived)]
    assert joined.proof == "signed_address"
    after = desk.case(case_id)
    assert after is not None and joined.message in after.messages
    assert len(smtp_server.messages) == 3
    assert {code for code, _ in town.stop_all().values()} == {0}
