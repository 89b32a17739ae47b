"""What stands around every page of the form: whose it is, how it is helped, and who knocks too often?"""

from datetime import timedelta

from flask import abort

from gru.domain.town import RequestType
from gru.storage.access import Limit
from gru.web import at_kiosk, current
from gru.web.i18n import t
from gru.web.pages import phone
from gru.web.security import client_address

WINDOW = timedelta(hours=1)
BEGUN = 60
FILES = 120
SENT = 30
"""From one address in an hour: a library, a school or a telephone operator has many residents behind one."""


def kind_of(slug: str) -> RequestType:
    """The type whose pages these are, as the town asks for it now."""
    kind = current.town().type_by_slug(slug)
    if kind is None:
        abort(404)
    return kind


def can_be_filed(kind: RequestType) -> bool:
    """By this form, and validly (CRPA L112-9)."""
    return "web" in kind.channels and kind.electronic == "open"


def allow(what: str, most: int) -> bool:
    """A kiosk counts for itself: all who stand at it have its address, and the town hall's."""
    kiosk = at_kiosk.here()
    subject = f"kiosk {kiosk.site.code}" if kiosk else client_address()
    return current.office().access.allow_all((Limit(f"filing_{what}", subject, most),), WINDOW)


def help_line(kind: RequestType | None = None) -> str:
    """The counter and the telephone do as well as a form (CRPA L112-8 obliges nobody)."""
    town = current.town()
    number = phone(town.departments[kind.department].phone if kind else town.phone)
    return t("depot.guichet_aussi", tel=number.shown if number else town.phone)


def danger_warning(kind: RequestType) -> str:
    return t("depot.danger_appel") if kind.urgent and kind.urgent.field else ""


def where_gone(why: str) -> str:
    """What is said to whoever had a draft that another browser took over, or sent."""
    return t(f"depot.ailleurs_{why}") if why else ""
