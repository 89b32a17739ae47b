"""What does the page show on which a version is published?"""

from dataclasses import dataclass

from gru.web.forms import FieldError, FormView
from gru.web.reports.report_page import DataTable


@dataclass(frozen=True, slots=True)
class PublishPage:
    """`warning` and `meanwhile` say what somebody else published since the draft was begun."""

    title: str
    back: str
    table: DataTable | None
    form: FormView
    text: str = ""
    errors: tuple[FieldError, ...] = ()
    warning: str = ""
    meanwhile: DataTable | None = None
