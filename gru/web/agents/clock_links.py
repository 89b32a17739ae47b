"""Where is each clock of a case explained, and what is it called?"""

from urllib.parse import urlencode

from gru.domain.explaining import CLOCKS, LIVES, PROMISES, Clock
from gru.web import labels
from gru.web.agents.sheet import Sheet
from gru.web.i18n import t
from gru.web.pages import Link

SLUGS: dict[Clock, str] = {
    "acknowledge": "accuse",
    "first_response": "reponse",
    "make_safe": "securite",
    "resolve": "resolution",
    "legal:receipt": "aee",
    "legal:acknowledgement": "are",
    "legal:silence": "silence",
    "response": "premiere-reponse",
    "gross": "duree-brute",
    "net": "duree-nette",
}
CLOCK_OF = {slug: clock for clock, slug in SLUGS.items()}


def address(sheet: Sheet, clock: Clock, ending: str = "") -> str:
    """Of the page of a clock, looked at at the same moment as the case."""
    query = f"?{urlencode({'fait': len(sheet.history)})}" if sheet.is_past else ""
    return f"{sheet.base}/calcul/{SLUGS[clock]}{ending}{query}"


def clocks_of(sheet: Sheet) -> tuple[Clock, ...]:
    """Those this case has: promises that were made, dates the law counts, and how long it takes."""
    case = sheet.case
    has = {*case.commitments, *(f"legal:{clock}" for clock in case.legal), *LIVES}
    return tuple(clock for clock in CLOCKS if clock in has)


def name(clock: Clock) -> str:
    if clock in PROMISES:
        return labels.said(labels.COMMITMENTS, clock)
    return t(f"calcul.nom_{SLUGS[clock].replace('-', '_')}")


def link(sheet: Sheet, clock: Clock) -> Link:
    """« Calcul », beside what it explains."""
    return Link(address(sheet, clock), t("calcul.lien_de", quoi=name(clock)))
