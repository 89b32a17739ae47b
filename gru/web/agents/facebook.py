"""What does an agent see of Facebook's own rules: until when may he answer, and which words may stand in public?"""

from gru.channels.facebook.guard import LONGEST_PRIVATE, faults
from gru.domain import events as e
from gru.domain.case import Case
from gru.domain.errors import BadInput
from gru.office.page_replies import Window
from gru.web import current
from gru.web.agents.sheet import Sheet
from gru.web.i18n import t


def came_by(case: Case) -> bool:
    return case.channel == "facebook"


def window(sheet: Sheet) -> Window | None:
    """`None` for a case that did not come from the page."""
    if not came_by(sheet.latest):
        return None
    office = current.office()
    history = office.log.history(sheet.latest.id)
    return office.page_replies.window(history, sheet.requester)


def private_channel(sheet: Sheet) -> bool:
    found = window(sheet)
    return found is not None and found.way is not None


def said_of_window(sheet: Sheet) -> str:
    """Until when Facebook lets the town answer, or since when it does not; `""` where it has no say."""
    found = window(sheet)
    if found is None:
        return ""
    if found.way is not None:
        end = found.way.until
        return t("dossier.prive_fenetre", date=sheet.french.short_day(end), heure=sheet.french.hour(end))
    if found.closed_at is not None and found.closed_at > current.now():
        return t("facebook.prive_deja")
    if found.closed_at is not None:
        return t("dossier.prive_ferme", date=sheet.french.short_day(found.closed_at))
    return ""


def fit_for_messenger(text: str, files: tuple[e.FileRef, ...]) -> None:
    if files:
        raise BadInput("Files cannot be sent to Messenger.", field="facebook_pieces")
    if len(text) > LONGEST_PRIVATE:
        raise BadInput("The text is too long for Messenger.", field="facebook_longueur")


def wrong_in_public(sheet: Sheet, text: str) -> str:
    """What may not stand in public, in a sentence; `""` when nothing is wrong."""
    person = sheet.requester
    found = faults(text, person.name if person else "")
    if not found:
        return ""
    return t("facebook.public_refuse", quoi=", ".join(t(f"facebook.public_{code}") for code in found))
