"""To which case may this message belong, and what proves it? (the first that holds: channels.md B.2)

A number is not a secret: whoever only quotes it never joins nor sees the case. A machine's mail is never
acknowledged and never lost: it is recorded with the reason no case took it.
"""

import msgspec

from gru.domain.events import MessageOutcome, Proof


class Claim(msgspec.Struct, frozen=True):
    """One sign in the message that points to a case; `known_sender` when its address belongs to that case."""

    case: str
    sign: str
    known_sender: bool


class Signs(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in a message: `machine` as in `channels.base.Incoming`, claims in the order they count."""

    machine: str = ""
    failed_replies: bool = False
    empty: bool = False
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
    "our_message": "known_message",
    "tracking_link": "tracking_link",
}
"""Signs nobody can invent; the others need a sender who belongs to the case."""


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
    if proven:
        return Place("joined", proven.case, _proof(proven))
    if signs.machine == "hint":
        return Place("to_link", reason="perhaps_automatic", suggested=suggested)
    if suggested:
        return Place("to_link", reason="unproven_sender", suggested=suggested)
    if signs.empty:
        return Place("set_aside", reason="empty")
    return Place("opened")


def _proven(claims: tuple[Claim, ...]) -> Claim | None:
    return next((claim for claim in claims if claim.sign in _PROOFS or claim.known_sender), None)


def _proof(claim: Claim) -> Proof:
    if claim.sign in _PROOFS:
        return _PROOFS[claim.sign]
    return "known_message" if claim.sign == "their_message" else "known_sender"
