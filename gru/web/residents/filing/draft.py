"""What has this resident answered so far, and where is it kept until he sends it?"""

import hmac
from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256
from typing import Literal

import msgspec
from flask import Response, request, session
from flask_wtf.csrf import generate_csrf
from msgspec.structs import replace

from gru.domain.town import RequestType, Spot
from gru.storage.drafts import KEPT
from gru.web import at_kiosk, current

LONGEST_TOKEN = 100


class DraftFile(msgspec.Struct, frozen=True):
    """A file as it was let in; `step` is the page it was added on."""

    id: str
    name: str
    media_type: str
    size: int
    step: str


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    nothing: bool = False

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """Stored for a month at most; a new field needs a default. `positioned`: he pointed at the place; `near`: something
    was reported there already; `done` are the pages that were answered; `sent` is the key of the form once it was
    sent, and then nothing else is left. `gone` says why another token has it now, and then nothing is left either."""

    type: str
    answers: dict[str, tuple[str, ...]] = {}
    place: str = ""
    spot: Spot | None = None
    positioned: bool = False
    near: bool = False
    same_as: str = ""
    files: tuple[DraftFile, ...] = ()
    contact: Contact = Contact()
    done: tuple[str, ...] = ()
    sent: str = ""
    gone: Literal["", "resumed", "sent"] = ""

    def after(self, step: str, **changes: object) -> "Draft":
        """The same with one more page answered."""
        done = self.done if step in self.done else (*self.done, step)
        return replace(self, **{"done": done} | changes)

    @property
    def bytes(self) -> int:
        return sum(file.size for file in self.files)


class Held(msgspec.Struct, frozen=True):
    """A draft in somebody's hands."""

    token: str
    draft: Draft

    def keep(self, draft: Draft) -> "Held":
        current.office().drafts.write(self.token, msgspec.json.encode(draft), kept())
        return Held(self.token, draft)


def kept() -> timedelta:
    """How long what nobody touches is kept."""
    return at_kiosk.KEPT if at_kiosk.here() else KEPT


def take_over(held: Held) -> Held | None:
    """This browser goes on with it; whoever had it, or has its old link, does not."""
    left, own = Draft(type=held.draft.type, gone="resumed"), _own(held.token)
    current.office().drafts.move(held.token, own, msgspec.json.encode(left), kept())
    return opened(held.token)


def close(held: Held, key: str) -> Held:
    """What he wrote lies in the archive now, and nowhere else; this browser alone is led to its receipt."""
    drafts, kind, own = current.office().drafts, held.draft.type, _own(held.token)
    sent = Draft(type=kind, sent=key)
    drafts.put(own, msgspec.json.encode(sent), kept())
    drafts.close(held.token, msgspec.json.encode(Draft(type=kind, gone="sent")), kept())
    return Held(own, sent)


def _own(token: str) -> str:
    """Under what this browser keeps a draft it had by this token: made of the secret its forms carry, so that a button
    pressed twice leads to one draft."""
    generate_csrf()
    secret: str = session[current.config("WTF_CSRF_FIELD_NAME")]
    return urlsafe_b64encode(hmac.digest(secret.encode(), token.encode(), sha256)).decode().rstrip("=")


def begin(kind: RequestType) -> Held:
    draft = Draft(type=kind.code)
    return Held(current.office().drafts.begin(msgspec.json.encode(draft), kept()), draft)


def opened(token: str) -> Held | None:
    """The draft this link opens, also after this browser took it over; `None` when it is over, or was begun by a
    program that kept it otherwise."""
    body = current.office().drafts.read(token) if 0 < len(token) <= LONGEST_TOKEN else None
    if body is None:
        return None
    try:
        held = Held(token, msgspec.json.decode(body, type=Draft))
    except msgspec.DecodeError:
        return None
    return (opened(_own(token)) or held) if held.draft.gone else held


def in_hand(kind: RequestType | None = None) -> Held | None:
    """The draft of this browser; of this type alone when one is named."""
    held = _by_cookie()
    return held if held and not held.draft.gone and (kind is None or held.draft.type == kind.code) else None


def why_gone(kind: RequestType) -> str:
    """Why this browser no longer has the draft of this type it had."""
    held = _by_cookie()
    return held.draft.gone if held and held.draft.type == kind.code else ""


def _by_cookie() -> Held | None:
    here = at_kiosk.here()
    return opened(at_kiosk.cookie() if here else request.cookies.get(current.config("DRAFT_COOKIE"), ""))


def hand_over(response: Response, token: str) -> Response:
    """This browser has the draft from now on, and for as long as it is kept."""
    if at_kiosk.here():
        return at_kiosk.hand_over(response, token)
    response.set_cookie(
        current.config("DRAFT_COOKIE"),
        token,
        max_age=KEPT - timedelta(seconds=1),
        secure=current.config("SESSION_COOKIE_SECURE"),
        httponly=True,
        samesite="Lax",
    )
    return response
