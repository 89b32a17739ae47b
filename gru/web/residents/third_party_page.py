"""What does a third party see of a case, word by word? Only what he needs to answer."""

from dataclasses import dataclass

from gru.web.forms import FieldError, FormView
from gru.web.pages import FileLink, Row
from gru.web.residents.tracking_page import Service


@dataclass(frozen=True, slots=True)
class ThirdPartyPage:
    """`thanks` once an answer has come; without a `form` nothing more is awaited."""

    ref: str
    title: str
    question: str
    due: str
    service: Service
    note: str
    rows: tuple[Row, ...] = ()
    files: tuple[FileLink, ...] = ()
    late: bool = False
    thanks: tuple[str, ...] = ()
    form: FormView | None = None
    errors: tuple[FieldError, ...] = ()
