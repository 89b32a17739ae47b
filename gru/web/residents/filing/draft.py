"""What has this resident answered so far, and where is it kept until he sends it?"""

from datetime import timedelta

import msgspec
from flask import Response, request
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
    sent, and then nothing else is left."""

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


def begin(kind: RequestType) -> Held:
    draft = Draft(type=kind.code)
    return Held(current.office().drafts.begin(msgspec.json.encode(draft), kept()), draft)


def opened(token: str) -> Held | None:
    """The draft this link opens; `None` when it is over, or was begun by a program that kept it otherwise."""
    body = current.office().drafts.read(token) if 0 < len(token) <= LONGEST_TOKEN else None
    if body is None:
        return None
    try:
        return Held(token, msgspec.json.decode(body, type=Draft))
    except msgspec.DecodeError:
        return None


def in_hand(kind: RequestType | None = None) -> Held | None:
    """The draft of this browser; of this type alone when one is named."""
    here = at_kiosk.here()
    held = opened(at_kiosk.cookie() if here else request.cookies.get(current.config("DRAFT_COOKIE"), ""))
    return held if held and (kind is None or held.draft.type == kind.code) else None


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


def take_away(response: Response) -> Response:
    response.delete_cookie(current.config("DRAFT_COOKIE"), secure=current.config("SESSION_COOKIE_SECURE"),
                           httponly=True, samesite="Lax")  # fmt: skip
    return response
