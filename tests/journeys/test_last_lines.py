"""Do files that burst, pictures of telephones, hidden copies, spam and letters to merged cases find their place?

The rest of these lines: docs/mail-lines.md.
"""

import io
import struct
import tracemalloc
import zipfile
import zlib
from email.message import EmailMessage

import pytest

from gru.domain import case as c
from gru.domain import events as e
from gru.domain import references as refs
from tests.journeys.test_a_mail_becomes_a_case import the_case, the_outcome
from tests.journeys.test_lines_that_broke_others import TOWN, into
from tests.journeys.towns import Journey, mail

BURST = 200_000_000
"""What the bombs would become, were they opened."""

ROOM = 60_000_000


def with_file(name: str, content: bytes, kind: str = "application/octet-stream") -> EmailMessage:
    made = mail()
    main, sub = kind.split("/")
    made.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return made


def zip_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive, archive.open("0", "w") as file:
        for _ in range(BURST // 1_000_000):
            file.write(bytes(1_000_000))
    return packed.getvalue()


def png_bomb() -> bytes:
    """A picture of 14,000 by 14,000 in a few kilobytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packer = zlib.compressobj(9)
    lines = b"".join(packer.compress(bytes(14_001)) for _ in range(14_000)) + packer.flush()
    size = struct.pack(">IIBBBBB", 14_000, 14_000, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("name", "bomb"), [("photos.zip", zip_bomb), ("rapport.docx", zip_bomb), ("trou.png", png_bomb)]
)
def test_a_file_that_would_burst_is_kept_closed_and_costs_no_memory(journey: Journey, name: str, bomb: object) -> None:
    content: bytes = bomb()
    made = with_file(name, content)
    tracemalloc.start()
    try:
        key = journey.arrives(made)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    [file] = opened(journey, key).files
    stored = journey.office.archive.file(file.id)
    assert stored is not None and (stored.name, stored.content) == (name, content)
    assert peak < ROOM < BURST
    assert len(journey.sent()) == 1


def test_a_picture_of_a_telephone_is_kept_as_it_came(journey: Journey) -> None:
    heic = struct.pack(">I", 24) + b"ftypheic" + b"\0\0\0\0" + b"mif1heic" + bytes(3000)
    key = journey.arrives(with_file("IMG_2041.HEIC", heic, "image/heic"))
    [file] = opened(journey, key).files
    stored = journey.office.archive.file(file.id)
    assert stored is not None
    assert (stored.name, stored.media_type, stored.content) == ("IMG_2041.HEIC", "image/heic", heic)


def opened(journey: Journey, key: str) -> e.CaseOpened:
    event = journey.office.log.history(the_case(journey, key).id)[0].event
    assert isinstance(event, e.CaseOpened)
    return event


def test_a_mail_that_names_us_in_a_hidden_copy_only_is_a_request_like_another(journey: Journey) -> None:
    made = mail(to="association@quartier.example", Cc="voisins@quartier.example")
    key = into(journey, f"voirie@{TOWN}", made)
    case = the_case(journey, key)
    assert (the_outcome(journey, key).outcome, case.department) == ("opened", "VOI")
    [receipt] = journey.sent()
    assert "claire.aubry@courriel.example" in str(receipt["To"]) and receipt["Cc"] is None


def test_an_answer_to_a_merged_case_without_its_signed_address_joins_the_main_case(journey: Journey) -> None:
    main = the_case(journey, journey.arrives(mail()))
    merged = the_case(journey, journey.arrives(other()))
    [receipt] = [one for one in journey.sent() if merged.number in str(one["Subject"])]
    journey.office.desk.execute(c.MergeCases(case_id=merged.id, main=main.id), by="agent:1")
    journey.settle()
    answer = mail(
        sender="Karim Haddad <karim@courriel.example>", subject="Re: le trou", message_id="<3@courriel.example>",
        In_Reply_To=str(receipt["Message-ID"]), References=str(receipt["Message-ID"]),
    )  # fmt: skip
    key = journey.arrives(answer)
    assert (the_outcome(journey, key).outcome, the_outcome(journey, key).case) == ("joined", main.id)
    [added] = [
        r.event
        for r in journey.office.log.history(main.id)
        if isinstance(r.event, e.MessageReceived) and r.event.message == key
    ]
    assert added.via == merged.id


def other() -> EmailMessage:
    return mail(sender="Karim Haddad <karim@courriel.example>", text="Un trou.", message_id="<2@courriel.example>")


MARKS = [
    {"X_Spam_Flag": "YES"},
    {"X_Spam_Status": "Yes, score=12.3 required=5.0"},
    {"X_Spam": "Yes"},
    {"X_MS_Exchange_Organization_SCL": "9"},
]


@pytest.mark.parametrize("mark", MARKS)
def test_what_a_filter_marked_as_spam_is_neither_acknowledged_nor_lost(journey: Journey, mark: dict[str, str]) -> None:
    key = journey.arrives(mail(**mark))
    outcome = the_outcome(journey, key)
    assert (outcome.outcome, outcome.reason) == ("to_link", "spam")
    assert journey.sent() == []
    case_id, _ = journey.office.intake.open(key, by="agent:1")
    journey.settle()
    assert journey.office.desk.case(case_id) is not None


@pytest.mark.parametrize(
    "mark", [{"X_Spam_Flag": "NO"}, {"X_Spam_Status": "No, score=-1"}, {"X_MS_Exchange_Organization_SCL": "-1"}]
)
def test_what_a_filter_let_pass_is_a_request(journey: Journey, mark: dict[str, str]) -> None:
    assert the_outcome(journey, journey.arrives(mail(**mark))).outcome == "opened"


def test_spam_that_nobody_marked_is_shown_as_a_request_that_an_agent_may_put_aside(journey: Journey) -> None:
    spam = mail(sender="Gain <gain@loterie.example>", subject="VOUS AVEZ GAGNÉ", text="Cliquez http://x.example vite")
    assert the_outcome(journey, journey.arrives(spam)).outcome == "opened"


def test_an_answer_that_proves_its_case_joins_it_whatever_a_filter_says(journey: Journey) -> None:
    case = the_case(journey, journey.arrives(mail()))
    [receipt] = journey.sent()
    back = mail(message_id="<2@courriel.example>", to=str(receipt["Reply-To"]), X_Spam_Flag="YES")
    assert the_outcome(journey, journey.arrives(back)).case == case.id


# --- a town with more cases than six digits count -----------------------------------------------------------------


def test_the_millionth_case_of_a_year_is_found_and_answered_like_another(journey: Journey) -> None:
    journey.office.work.skip_numbers(2026, 999_999)
    journey.arrives(mail())
    [receipt] = journey.sent()
    assert "2026-1000000" in receipt["Subject"]
    journey.arrives(mail(message_id="<m2@courriel.example>", to=receipt["Reply-To"], text="C’est plus grave."))
    [opened] = journey.office.log.read(0, 1000, {e.CaseOpened.NAME})
    case = journey.office.desk.case(opened.stream_id)
    assert case is not None and len(case.messages) == 2
    assert refs.NUMBER.fullmatch(case.number)
