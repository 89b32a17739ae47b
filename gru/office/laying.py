"""Where does a message lie that speaks of a resident and is not his?"""

from collections.abc import Collection

from gru.domain import message as messages
from gru.domain.case import Case
from gru.office.desk import Desk
from gru.storage.archive import Archive
from gru.storage.log import Log


def lay(archive: Archive, key: str, case: Case) -> None:
    """Among the words of the case's requester, so that forgetting him forgets it; once he is erased, nowhere.

    Only when what it says is recorded: a message that was destroyed cannot be taken in any more.
    """
    if case.requester in case.erased:
        archive.redact(key)
    else:
        archive.adopt(key, case.requester, case.id)


def lay_reports(archive: Archive, log: Log, desk: Desk, keys: Collection[str]) -> None:
    """The same for delivery reports, which name the address they speak of."""
    for history in log.histories(keys).values():
        stream = messages.replay(history)
        case = desk.case(stream.case) if stream and stream.case else None
        if stream and case:
            lay(archive, stream.id, case)
