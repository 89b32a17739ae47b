"""What does a message say by itself?"""

from gru.channels.base import Incoming
from gru.office.read_message import signs_of


def test_a_message_of_which_all_was_folded_is_not_empty() -> None:
    assert not signs_of(Incoming(folded="> Le lampadaire clignote."), ()).empty
    assert signs_of(Incoming(folded=" \n"), ()).empty
