"""Which town do the tests of the domain live in? The sample one, in force since 2020."""

from datetime import UTC, datetime
from functools import cache

from msgspec.structs import replace

from gru.domain.town import PauseRule, Town, town_of
from gru.office.town_hall import SAMPLE, Content, read_folder


@cache
def sample_content() -> Content:
    """Read once in a test process."""
    return read_folder(SAMPLE)


@cache
def sample_town() -> Town:
    content = sample_content()
    return town_of(content.catalogue, 1, datetime(2020, 1, 1, tzinfo=UTC), content.digest)


@cache
def pausing_town(rule: PauseRule) -> Town:
    """The same, with another rule for pauses."""
    return replace(sample_town(), pauses=rule)
