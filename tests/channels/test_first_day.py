"""Is what an old inbox received before the first day left alone, counted, and never acknowledged? On a real server."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gru.bootstrap import open_office
from gru.channels.base import Count, Source
from gru.channels.email.imap import ImapAccount, ImapSource
from gru.channels.email.maildir import MaildirSource
from gru.settings import BadSetting, read
from tests.channels.contract import numbers, settle
from tests.channels.imap_post import Post, letter
from tests.journeys.towns import settings_for

SINCE = datetime(2026, 3, 2, tzinfo=UTC) - timedelta(hours=1)
"""Midnight in Paris."""


def at(post: Post, number: int, moment: datetime) -> None:
    with post.mailbox.client() as client:
        client.append("INBOX", letter(number), (), moment)


def reading(post: Post) -> ImapSource:
    """As the same mailbox, with its first day."""
    account = ImapAccount(
        post.mailbox.host, post.mailbox.line.port, False, post.mailbox.user, post.mailbox.password, done=post.done
    )
    source = ImapSource(account, "mairie@ville.example", post.cursors.known.get, post.cursors.move, since=SINCE)
    post.sources.append(source)
    return source


def taken(source: Source) -> list[int]:
    found = list(source.fetch())
    for each in found:
        each.settle()
    return numbers(found)


def test_what_came_before_the_first_day_stays_and_what_came_later_is_taken(post: Post) -> None:
    at(post, 1, SINCE - timedelta(days=400))
    at(post, 2, SINCE - timedelta(seconds=1))
    at(post, 3, SINCE)
    at(post, 4, SINCE + timedelta(days=1))
    source = reading(post)
    assert taken(source) == [3, 4]
    left = post.mailbox.messages()
    assert left[:2] == [letter(1), letter(2)]
    assert taken(source) == []


def test_the_first_day_is_compared_as_an_instant_whatever_the_zone_the_server_writes(post: Post) -> None:
    island = datetime.fromisoformat("2026-03-01T13:30:00-10:00")  # 23:30 UTC: after midnight in Paris
    early = datetime.fromisoformat("2026-03-02T04:00:00+14:00")  # 14:00 UTC the day before
    at(post, 1, early)
    at(post, 2, island)
    assert taken(reading(post)) == [2]


def test_the_count_says_how_many_would_be_taken_and_how_many_are_left(post: Post) -> None:
    at(post, 1, SINCE - timedelta(days=400))
    at(post, 2, SINCE - timedelta(hours=1))
    at(post, 3, SINCE + timedelta(hours=1))
    source = reading(post)
    assert source.count() == Count(waiting=1, left=2)
    settle(source)
    assert source.count() == Count(waiting=0, left=2)


def test_a_count_takes_nothing_in(post: Post) -> None:
    at(post, 1, SINCE + timedelta(hours=1))
    source = reading(post)
    source.count()
    assert taken(source) == [1]


def test_an_old_mail_dropped_in_among_new_ones_does_not_hold_the_cursor_back(leaving: Post) -> None:
    at(leaving, 1, SINCE + timedelta(hours=1))
    at(leaving, 2, SINCE - timedelta(hours=2))
    at(leaving, 3, SINCE + timedelta(hours=2))
    settle(reading(leaving))
    with leaving.mailbox.client() as client:
        assert leaving.cursor() == max(client.search("ALL"))


def test_a_mailbox_without_a_first_day_is_taken_in_whole(post: Post) -> None:
    at(post, 1, SINCE - timedelta(days=4000))
    assert taken(post.open()) == [1]


def test_files_written_before_the_first_day_stay_where_they_are(tmp_path: Path) -> None:
    source = MaildirSource(tmp_path, "mairie@ville.example", since=SINCE)
    assert source.count() == Count(0, 0)
    for number, moment in ((1, SINCE - timedelta(seconds=1)), (2, SINCE)):
        path = tmp_path / "new" / str(number)
        path.write_bytes(letter(number))
        os.utime(path, (moment.timestamp(), moment.timestamp()))
    assert source.count() == Count(1, 1)
    assert taken(source) == [2]
    assert source.count() == Count(0, 1)
    assert (tmp_path / "new" / "1").read_bytes() == letter(1)


def test_the_first_day_begins_at_midnight_where_the_town_lies(tmp_path: Path) -> None:
    box = tmp_path / "boite" / "new"
    box.mkdir(parents=True)
    for number, moment in ((1, SINCE - timedelta(seconds=1)), (2, SINCE)):
        (box / str(number)).write_bytes(letter(number))
        os.utime(box / str(number), (moment.timestamp(), moment.timestamp()))
    settings = settings_for(tmp_path / "data", GRU_MAILBOXES=f"maildir://{box.parent}", GRU_MAIL_SINCE="2026-03-02")
    with open_office(settings) as office:
        office.prepare()
        [source] = office.sources()
        assert source.count() == Count(1, 1)


def test_a_mailbox_may_have_a_first_day_of_its_own() -> None:
    account = ImapAccount.from_url("imaps://u:p@h/INBOX?done=Fait&since=2026-11-23")
    assert account.since is not None and account.since.isoformat() == "2026-11-23"
    with pytest.raises(ValueError, match="since=2026-11-23"):
        ImapAccount.from_url("imaps://u:p@h/INBOX?since=hier")


def test_a_first_day_nobody_can_read_is_refused_with_a_sentence() -> None:
    with pytest.raises(BadSetting, match="GRU_MAIL_SINCE must be a day such as 2026-11-23"):
        read({"GRU_MAIL_SINCE": "23/11/2026"})
