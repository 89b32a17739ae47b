"""Do our recorders do what the library asks of any recorder?"""

import sys
import threading
from unittest import TestCase

import eventsourcing.cryptography
import pytest
from eventsourcing.persistence import ApplicationRecorder

from gru.storage.log import Log

# the library's tests import its cipher, which needs a package we do not use
sys.modules.setdefault("eventsourcing.cipher", eventsourcing.cryptography)

from eventsourcing.tests import persistence  # noqa: E402  # it imports the cipher named above

WRITING_AND_READING: list[str] = [
    "test_insert_select",
    "test_concurrent_no_conflicts",
    "test_concurrent_throughput",
    "test_performance",
]


def recorder_of(log: Log) -> ApplicationRecorder:
    recorder: ApplicationRecorder = log._store._recorder
    return recorder


@pytest.mark.parametrize("name", WRITING_AND_READING)
def test_our_recorder_passes_the_librarys_tests(log: Log, name: str) -> None:
    class OurCase(persistence.ApplicationRecorderTestCase[ApplicationRecorder]):
        EXPECT_CONTIGUOUS_NOTIFICATION_IDS = False

        def create_recorder(self) -> ApplicationRecorder:
            return recorder_of(log)

    run(OurCase(name))


def test_positions_of_two_writers_do_not_interleave(log: Log) -> None:
    class OurCase(persistence.NonInterleavingNotificationIDsBaseCase):
        def create_recorder(self) -> ApplicationRecorder:
            return recorder_of(log)

    run(OurCase("test"))


def run(case: TestCase) -> None:
    """The library's tests leave their readers running a moment longer: they must not outlive the log they read."""
    before = set(threading.enumerate())
    try:
        case.debug()
    finally:
        for reader in set(threading.enumerate()) - before:
            reader.join()
