"""To which case may this message belong, and what proves it? (the first that holds: channels.md B.2)

A number is not a secret: whoever only quotes it never joins nor sees the case. A machine's mail is never
acknowledged and never lost: it is recorded with the reason no case took it.
"""

import msgspec

from gru.domain.events import MessageOutcome, Proof


class Claim(msgspec.Struct, frozen=True):
    """One sign in the message that points to a case; `known_sender` when its address belongs to that case, `proven`
    when our own server vouches that he wrote it."""

    case: str
    sign: str
    known_sender: bool
    proven: bool = False


class Signs(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in a message: `machine` and `proposed` as in `channels.base.Incoming`, claims in the order they
    count; `handed_on` when an agent forwards another's words, so that not he is the one who asks."""

    machine: str = ""
    failed_replies: bool = False
    handed_on: bool = False
    empty: bool = False
    proposed: str = ""
    claims: tuple[Claim, ...] = ()


class Place(msgspec.Struct, frozen=True):
    """Where the message goes; `suggested` for the agent who decides what nobody could prove."""

    outcome: MessageOutcome
    case: str = ""
    proof: Proof = "opening"
    reason: str = ""
    suggested: str = ""


_PROOFS: dict[str, Proof] = {
    "signed_address": "signed_address",
    "our_report": "known_message",
    "our_message": "known_message",
    "their_message": "known_message",
    "number": "known_sender",
    "conversation": "known_sender",
}
SECRET = frozenset({"signed_address", "our_report"})
"""Signs nobody can invent, and that were given to the resident alone."""

HARD_TO_GUESS = frozenset({"our_message"})
"""Signs a forwarded mail may carry on: they need a sender who belongs to the case. Everything else can be read or
guessed by anybody, so the sender must be proven too: a From is easily forged."""


def place(signs: Signs) -> Place:
    """Exactly one outcome for every message."""
    proven = _proven(signs.claims)
    suggested = signs.claims[0].case if signs.claims else ""
    if signs.failed_replies:
        return Place("bounce", case=proven.case if proven else "", reason="delivery_report")
    if signs.machine in ("own", "loop", "list"):
        return Place("set_aside", reason=signs.machine, suggested=suggested)
    if signs.machine == "automatic":
        return Place("automatic", case=proven.case if proven else "", reason="automatic", suggested=suggested)
    if signs.handed_on:
        return Place("to_link", reason="handed_on", suggested=suggested)
    if proven:
        return Place("joined", proven.case, _PROOFS[proven.sign])
    if signs.machine == "hint":
        return Place("to_link", reason="perhaps_automatic", suggested=suggested)
    if signs.proposed:
        return Place("to_link", reason=signs.proposed, suggested=suggested)
    if suggested:
        return Place("to_link", reason="unproven_sender", suggested=suggested)
    if signs.empty:
        return Place("set_aside", reason="empty")
    return Place("opened")


def _proven(claims: tuple[Claim, ...]) -> Claim | None:
    return next((claim for claim in claims if _holds(claim)), None)


def _holds(claim: Claim) -> bool:
    if claim.sign in SECRET:
        return True
    return claim.known_sender and (claim.sign in HARD_TO_GUESS or claim.proven)
