"""Whom do the tests of erasing forget, and how do they see that nothing of her is left?"""

import sqlite3
from collections.abc import Callable
from contextlib import closing

from msgspec.structs import replace
from sqlalchemy import text as sql

from gru.bootstrap import Office
from gru.domain.case import AddNote, SetPlace, WriteReply
from gru.domain.references import new_id
from gru.storage.databases import reading, writing
from projections.commitments import commitments
from projections.queue import queue
from projections.volumes import volumes
from tests.journeys.towns import Journey, mail
from tests.office.remains import found_in_files, found_in_rows

MARIE = "Marie Zoltowska <marie.zoltowska@courriel.example>"
TRACES = ("zoltowska", "qzx7714", "639981742", "wqk8825", "plaque91xz", "jfifjfif")
"""Her name and address, a word she wrote, her telephone, words written to and about her, her picture's bytes."""

BY = "agent:" + "a" * 32


def marie_writes(journey: Journey) -> str:
    """She has two cases, a telephone, a place, a picture, an answer and a note about her; her id."""
    first = mail(MARIE, "Panne qzx7714", "Bonjour, le lampadaire qzx7714 est éteint. 06 39 98 17 42", "<z1@c.example>")
    first.add_attachment(b"\xff\xd8" + b"JFIF" * 20_000, maintype="image", subtype="jpeg", filename="plaque91xz.jpg")
    journey.arrives(first)
    journey.arrives(mail(MARIE, "Encore qzx7714", "Le banc qzx7714 est cassé.", "<z2@c.example>"))
    office = journey.office
    marie = office.archive.find_person(email="marie.zoltowska@courriel.example")
    known = office.archive.people([marie])[marie]
    assert known is not None
    office.archive.save_person(replace(known, phone="06 39 98 17 42"))
    case_id = office.erasure.cases_of(marie)[0]

    def text(words: str) -> object:
        return office.archive.write_text(words, person=marie, case=case_id)

    office.desk.execute(
        SetPlace(case_id=case_id, place=text("devant plaque91xz"), district="CTR"),
        AddNote(case_id=case_id, note_id="b" * 32, text=text("Mme Zoltowska a rappelé wqk8825")),
        WriteReply(
            case_id=case_id,
            reply_id=new_id(journey.watch(), b"r" * 10),
            kind="answer",
            channel="email",
            text=text("Objet : wqk8825\n\nMadame Zoltowska, wqk8825 est réparé."),
            human=True,
        ),
        by=BY,
    )
    journey.settle()
    if office.databases.kind == "postgresql":
        with writing(office.databases.views) as connection:
            connection.execute(sql("ANALYZE"))  # as autovacuum does: the statistics quote her now
    return marie


def figures(office: Office) -> dict[str, list[object]]:
    """What reports and queues count."""
    with reading(office.databases.views) as connection:
        c, q = commitments.c, queue.c
        promised = (c.case_id, c.kind, c.due, c.warn_at, c.kept_at, c.breached, c.closed, c.type, c.department)
        queued = (
            q.case_id,
            q.number,
            q.status,
            q.type,
            q.department,
            q.received_at,
            q.due_at,
            q.closed_at,
            q.waiting_on,
        )
        return {
            "volumes": sorted(map(tuple, connection.execute(volumes.select())), key=str),
            "commitments": sorted(
                map(tuple, connection.execute(commitments.select().with_only_columns(*promised))), key=str
            ),
            "queue": sorted(map(tuple, connection.execute(queue.select().with_only_columns(*queued))), key=str),
        }


def erased_everywhere(office: Office) -> None:
    assert found_in_rows(office, TRACES) == []
    assert found_in_files(office, TRACES) == []


def make_unreadable(office: Office, case: str) -> None:
    """The second fact of this case is called what nothing is called."""
    renamed = "UPDATE {} SET topic = 'case.unheard_of' WHERE originator_id = {} AND originator_version = 2"
    if office.databases.kind == "sqlite":
        with closing(sqlite3.connect(office.databases.log_url)) as log, log:
            log.execute(renamed.format("event", "?"), (case,))
        return
    with writing(office.databases.work) as connection:
        connection.execute(sql(renamed.format("log.event", "CAST(:case AS uuid)")), {"case": case})


class Killed(BaseException):
    """Nothing catches it."""


def after(call: Callable[..., object], times: int) -> Callable[..., object]:
    """Dies once the call was made so many times."""
    left = [times]

    def dying(*args: object, **kwargs: object) -> object:
        if left[0] == 0:
            raise Killed
        left[0] -= 1
        return call(*args, **kwargs)

    return dying
