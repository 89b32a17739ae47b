"""What does a resident see of his request, word by word? One sentence, one date, one duty."""

from dataclasses import dataclass

from gru.office.papers import FilingSheet
from gru.web.forms import Field, FieldError, FormView
from gru.web.pages import FileLink, Row


@dataclass(frozen=True, slots=True)
class Step:
    """`state`: done, here or todo; `said` says it in words."""

    title: str
    state: str
    said: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    who: str
    time: str
    iso: str
    text: str
    mine: bool = False
    files: tuple[FileLink, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    name: str
    address: str = ""
    phone: str = ""
    dial: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True)
class TrackingPage:
    """`tone`: "" calm, `warn` when the resident must act or the town is late, `over` when it is closed; `paper`: what a
    kiosk prints."""

    ref: str
    header: str
    title: str
    sentence: str
    lines: tuple[str, ...]
    updated: str
    service: Service
    receipt: str
    tone: str = ""
    step: str = ""
    steps: tuple[Step, ...] = ()
    messages: tuple[Message, ...] = ()
    write: FormView | None = None
    withdraw: str = ""
    reopen: str = ""
    opinion: str = ""
    errors: tuple[FieldError, ...] = ()
    paper: FilingSheet | None = None


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    ref: str
    title: str
    back: str
    keep: str
    text: str = ""
    form: FormView | None = None
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class LockedPage:
    """The door of a secret case; without forms when its requester can be sent no code. `kept` was typed too late."""

    ref: str
    title: str
    text: str
    send: FormView | None = None
    enter: FormView | None = None
    kept: str = ""
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    title: str
    back: str
    rows: tuple[Row, ...]
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccessPage:
    fields: tuple[Field, ...]
    errors: tuple[FieldError, ...] = ()
    action: str = "/suivi"
