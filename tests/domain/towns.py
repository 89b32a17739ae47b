"""Which town do the tests of the domain live in? The sample one, in force since 2020."""

from datetime import UTC, datetime
from functools import cache

from gru.domain.town import Town, town_of
from gru.office.town_hall import SAMPLE, read_folder


@cache
def sample_town() -> Town:
    content = read_folder(SAMPLE)
    return town_of(content.catalogue, 1, datetime(2020, 1, 1, tzinfo=UTC), content.digest)
