"""What becomes of a file somebody sent to the town's page that nobody should open, or that no scanner could judge?"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gru.channels.facebook.items import raw_messages, split
from gru.channels.facebook.media import MediaCopier
from gru.demo.graph import PAGE, POST
from gru.domain import events as e
from gru.office.files.scanner import EICAR, scanner_at
from gru.office.media import TRIES, Media
from tests.channels.played_hosts import JPEG, Hosts, session_with
from tests.journeys.pages import PageTown, copied, page_town
from tests.journeys.test_a_comment_becomes_a_case import the_case, waiting

GOOD, BAD = "https://scontent.fbcdn.net/trou.jpg", "https://scontent.fbcdn.net/autre.jpg"


@pytest.fixture
def town(sqlite_town: Path, tmp_path: Path) -> Iterator[PageTown]:
    with page_town(copied(sqlite_town, tmp_path / "town")) as opened:
        hosts = Hosts({GOOD: (200, JPEG, {}), BAD: (200, JPEG + EICAR, {})})
        opened.journey.office.media.copiers["facebook"] = MediaCopier(session_with(hosts))
        yield opened


def said(*urls: str) -> bytes:
    files = ",".join(f'{{"type":"image","payload":{{"url":"{url}"}}}}' for url in urls)
    message = f'{{"mid":"m_photo","text":"Un trou","attachments":[{files}]}}'
    sides = f'"sender":{{"id":"7001"}},"recipient":{{"id":"{PAGE}"}},"timestamp":1772442000000'
    return f'{{"object":"page","entry":[{{"id":"{PAGE}","messaging":[{{{sides},"message":{message}}}]}}]}}'.encode()


def commented(url: str) -> bytes:
    value = (
        f'"item":"comment","verb":"add","comment_id":"{POST}_9","post_id":"{POST}","parent_id":"{POST}",'
        f'"from":{{"id":"7002","name":"Marcel Exemple"}},"message":"Voyez","photo":"{url}","created_time":1772442000'
    )
    changes = f'[{{"field":"feed","value":{{{value}}}}}]'
    return f'{{"object":"page","entry":[{{"id":"{PAGE}","time":1772442001,"changes":{changes}}}]}}'.encode()


def missing(town: PageTown) -> list[tuple[int, str]]:
    found = town.events(the_case(town), e.FileNotKept)
    return [(one.number, one.reason) for one in found if isinstance(one, e.FileNotKept)]


def test_a_virus_is_not_put_beside_the_case_and_the_case_says_so(town: PageTown) -> None:
    town.deliver([said(GOOD, BAD)])
    [opened] = town.events(the_case(town), e.CaseOpened)
    assert isinstance(opened, e.CaseOpened) and len(opened.files) == 1
    assert missing(town) == [(2, "virus")]


def test_an_agent_who_opens_the_case_days_later_reads_why_there_is_no_file(town: PageTown) -> None:
    town.deliver([commented(BAD)])
    town.journey.watch.pass_(days=3)
    town.journey.office.intake.open(waiting(town)[0].message, by="agent:1")
    assert missing(town) == [(1, "virus")]


def test_while_the_scanner_is_silent_the_message_waits_then_comes_in_without_its_file(town: PageTown) -> None:
    office = town.journey.office
    deaf = Media(office.archive, office.settings.secret, office.media.copiers, scanner_at("tcp://127.0.0.1:1"))
    [key] = office.keep_all(raw_messages(split(said(GOOD)), town.journey.watch()))
    office.intake._media = deaf
    for _ in range(TRIES):
        office.intake.attempt(key)
        assert office.archive.pending() == [key]
    office.intake.attempt(key)
    assert office.archive.pending() == []
    assert missing(town) == [(1, "not_scanned")]


def test_who_commented_with_a_photo_that_no_case_took_can_be_forgotten(town: PageTown) -> None:
    town.deliver([commented(GOOD)])
    [waits] = waiting(town)
    office = town.journey.office
    message, _ = office.intake.look_again(waits.message)
    marcel = office.archive.find_person(messenger=message.incoming.handle)
    certificate = office.erasure.erase(marcel, by="agent:1")
    assert (certificate.cases, certificate.clean) == (0, True)
    assert office.archive.people([marcel]) == {marcel: None}
    assert office.archive.words_of(marcel) == []
    assert office.recovery.recover("system:operator", forget=[marcel]).failed == {}
