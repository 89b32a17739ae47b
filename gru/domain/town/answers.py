"""Which ready replies does the town offer its agents, for which requests and channels?"""

import msgspec

from gru.domain.events import Channel, ReplyKind


class ReplyTemplate(msgspec.Struct, frozen=True, kw_only=True):
    """`template` names the text an agent begins with; no `types` or `channels` means all of them."""

    code: str
    label: str
    template: str
    kind: ReplyKind = "answer"
    types: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()

    def serves(self, type_code: str, channel: Channel) -> bool:
        return (not self.types or type_code in self.types) and (not self.channels or channel in self.channels)
