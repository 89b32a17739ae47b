"""Who sent this message, and is he known already?

By his address or his account alone: a telephone is shared by families, and anybody may write another's in a form.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from gru.channels.base import Incoming
from gru.domain import references as refs
from gru.office.profiles import Profiles
from gru.office.read_message import ReadMessage, person_of
from gru.storage.archive import Archive


class Senders:
    def __init__(self, archive: Archive, profiles: Profiles, secret: bytes) -> None:
        self._archive = archive
        self._profiles = profiles
        self._secret = secret

    def known(self, incoming: Incoming) -> str:
        """`""` when nobody knows him."""
        return self._archive.find_person(incoming.address, incoming.handle)

    def meet(self, message: ReadMessage) -> str:
        return self.meet_each([message])[0]

    def meet_each(self, read: Sequence[ReadMessage]) -> list[str]:
        """Somebody nobody knows yet is made known; `""` when nothing says who he is."""
        named = [one.incoming for one in read if one.incoming.address or one.incoming.handle]
        met = iter(self._archive.meet_people([person_of(self._profiles.named(one)) for one in named]))
        return [
            next(met) if one.incoming.address or one.incoming.handle else self._by_telephone_alone(one) for one in read
        ]

    def _by_telephone_alone(self, message: ReadMessage) -> str:
        """Somebody new, whose id derives from his message: read again he is the same, and nobody else ever is."""
        if not message.incoming.phone:
            return ""
        chance = bytes.fromhex(refs.derived_id(self._secret, "sender", message.key))
        id = refs.new_id(message.raw.received_at, chance)
        return self._archive.save_person(replace(person_of(message.incoming), id=id))
