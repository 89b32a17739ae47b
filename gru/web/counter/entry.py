"""What did the agent type for somebody, and what is wrong with it?

Everything is read as it was typed, so that nothing is lost when something is wrong; `Entry` is what may be recorded.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from werkzeug.datastructures import MultiDict

from gru.domain.case import Case
from gru.domain.case.receiving import LATE_ENTRY, OLDEST_ENTRY
from gru.domain.events import Channel
from gru.domain.references import entry_id
from gru.domain.rights import Agent
from gru.domain.town import RequestType, Site, Town
from gru.storage.people import Person, tidy_phone
from gru.web import current, labels
from gru.web.counter import known
from gru.web.counter.motives import OTHER, fitting
from gru.web.forms import MAX_TEXT, FieldError, local_instant
from gru.web.i18n import t

CHANNELS: dict[str, Channel] = {"guichet": "counter", "telephone": "phone", "courrier": "post"}
CONTACTS: dict[str, Channel] = {
    "email": "email", "telephone": "phone", "courrier": "post", "retrait": "counter", "aucun": "tracking",
}  # fmt: skip
"""How the person wishes to be told; `aucun`: the paper and the tracking page are enough."""

LONGEST_LINE = 300
MOST_APART = 50
NETWORK_LOSS = "network_loss"
"""Said by the post itself for what it kept; its clock may be ahead of ours, which costs nobody his request."""

_EMAIL = re.compile(r"[^\s@<>\"(),;]+@[^\s@<>\"(),;]+\.[^\s@<>\"(),;]+")
SOMEBODY_ELSE = "autre"


def sites_of(agent: Agent, town: Town) -> tuple[Site, ...]:
    """Where this agent may take something down: his own sites; all of them when he is bound to none."""
    real = [site for site in town.sites.values() if site.kind != "virtual"]
    own = tuple(site for site in real if site.code in agent.sites)
    return own or tuple(real)


@dataclass(frozen=True)
class Typed:
    """The form as it came."""

    channel: str = "guichet"
    site: str = ""
    words: str = ""
    type: str = ""
    place: str = ""
    said: str = ""
    danger: bool = False
    phone: str = ""
    email: str = ""
    name: str = ""
    address: str = ""
    person: str = ""
    anonymous: bool = False
    contact: str = ""
    consent: bool = False
    documents: tuple[str, ...] = ()
    documents_for: str = ""
    originals: bool = False
    late_at: str = ""
    late_why: str = ""
    apart: tuple[str, ...] = ()
    """Cases that were offered as the same and are not."""

    key: str = ""
    typist: str = ""
    """Whose screen it was typed on, when a colleague sends what was kept there."""

    agent: Agent = field(kw_only=True)

    # --- what follows from it ----------------------------------------------------------------------------------------

    @cached_property
    def town(self) -> Town:
        """The version that will judge the case: the one in force at reception."""
        return current.office().town.in_force(self.received_at or current.now())

    @cached_property
    def motives(self) -> tuple[RequestType, ...]:
        """What the words may mean; a type once chosen stays among them."""
        found = fitting(self.town.types.values(), self.words)
        picked = self.town.types.get(self.type)
        return found if picked is None or picked in found else (picked, *found)

    @cached_property
    def kind(self) -> RequestType | None:
        """The type chosen, or the one the words mean best; `None` for another request."""
        if self.type == OTHER:
            return None
        return self.town.types.get(self.type) or next(iter(self.motives), None)

    @cached_property
    def people(self) -> tuple[Person, ...]:
        return known.people_at(self.phone, self.email, self.name)

    @cached_property
    def who(self) -> Person | None:
        return None if self.anonymous else known.chosen(self.people, self.person, self.name)

    @cached_property
    def received_at(self) -> datetime | None:
        return local_instant(self.late_at, current.french().zone) if self.late_at else None

    @cached_property
    def case_id(self) -> str | None:
        typist = self.typist or self.agent.id
        if typist not in current.everybody():
            return None
        return entry_id(current.office().settings.secret, typist, self.key)

    @property
    def reply_channel(self) -> Channel:
        return CONTACTS.get(self.contact, "tracking")

    def reaches(self, person: Person | None, channel: Channel) -> bool:
        """Has the person left, now or before, what this way of answering needs?"""
        before = person or Person()
        match channel:
            case "email":
                return bool(self.email or before.email)
            case "phone":
                return bool(self.phone or before.phone)
            case "post":
                return bool(self.address or before.address)
        return True


def read_typed(form: "MultiDict[str, str]", agent: Agent) -> Typed:
    def one(name: str) -> str:
        return form.get(name, "").replace("\r\n", "\n").strip()

    return Typed(
        channel=one("canal") if one("canal") in CHANNELS else "guichet",
        site=one("site"),
        words=one("mots"),
        type=one("type"),
        place=one("lieu"),
        said=one("texte"),
        danger=bool(one("danger")),
        phone=one("tel"),
        email=one("email"),
        name=one("nom"),
        address=one("adresse"),
        person=one("personne"),
        anonymous=bool(one("anonyme")),
        contact=one("contact"),
        consent=bool(one("consentement")),
        documents=tuple(form.getlist("recus")),
        documents_for=one("pieces_de"),
        originals=bool(one("originaux")),
        late_at=one("recu_le"),
        late_why=one("raison"),
        apart=tuple(form.getlist("ecarte")[:MOST_APART]),
        key=one("cle"),
        typist=one("saisi_par"),
        agent=agent,
    )


# --- what is wrong with it -------------------------------------------------------------------------------------------


def faults(typed: Typed) -> tuple[FieldError, ...]:
    """Every fault, in the order of the page, each in a sentence."""
    what = (*_request(typed), *_said(typed, typed.said))
    return (*what, *_reachable(typed), *_who(typed), *_contact(typed), *_when(typed))


def faults_of_addition(typed: Typed, to: Case) -> tuple[FieldError, ...]:
    """The same of what joins a case: nothing is asked that the case knows already or that nothing would keep."""
    return (*_said(typed, typed.said or typed.words), *_reachable(typed), *_moment(typed, to.received_at))


def _request(typed: Typed) -> Iterator[FieldError]:
    if typed.site not in {site.code for site in sites_of(typed.agent, current.town())}:
        yield FieldError("site", t("guichet.erreur_site"))
    if not typed.words and not typed.type:
        yield FieldError("mots", t("guichet.erreur_motif"))
    elif typed.kind is None and typed.type != OTHER:
        yield FieldError("mots", t("guichet.motif_vide", q=typed.words))
    if typed.kind is not None and typed.kind.location == "required" and not typed.place:
        yield FieldError("lieu", t("erreur.lieu"))


def _said(typed: Typed, needed: str) -> Iterator[FieldError]:
    """Something was said, and nothing is endless."""
    if not needed:
        yield FieldError("texte", t("erreur.description"))
    elif len(typed.said) > MAX_TEXT:
        yield FieldError("texte", t("erreur.longueur", n=len(typed.said), max=MAX_TEXT))
    lines = (("mots", typed.words), ("lieu", typed.place), ("nom", typed.name), ("adresse", typed.address))
    for name, words in lines:
        if len(words) > LONGEST_LINE:
            yield FieldError(name, t("erreur.longueur", n=len(words), max=LONGEST_LINE))


def _who(typed: Typed) -> Iterator[FieldError]:
    """Nothing more is asked than the type needs (CNIL: the same rules at the counter)."""
    identification = typed.kind.identification if typed.kind else "contact"
    contacts = typed.phone or typed.email or typed.address
    if typed.anonymous:
        if identification != "none":
            yield FieldError("anonyme", t("guichet.erreur_anonyme"))
        return
    if identification == "none":
        return
    if not contacts and typed.who is None:
        yield FieldError("tel", t("guichet.erreur_contact"))
    if identification in ("full", "verified") and not (typed.name or typed.who):
        yield FieldError("nom", t("guichet.erreur_nom"))


def _reachable(typed: Typed) -> Iterator[FieldError]:
    """What is given of himself can be used."""
    if typed.phone and not 6 <= len(re.sub(r"\D", "", tidy_phone(typed.phone))) <= 15:
        yield FieldError("tel", t("erreur.tel"))
    if typed.email and not (_EMAIL.fullmatch(typed.email) and len(typed.email) <= LONGEST_LINE):
        yield FieldError("email", t("erreur.email"))


def _contact(typed: Typed) -> Iterator[FieldError]:
    if typed.contact not in CONTACTS:
        yield FieldError("contact", t("guichet.erreur_prevenir"))
    elif typed.anonymous and typed.contact not in ("aucun", "retrait"):
        yield FieldError("contact", t("guichet.erreur_prevenir_anonyme"))
    elif not typed.anonymous and not typed.reaches(typed.who, typed.reply_channel):
        name = {"email": "email", "telephone": "tel", "courrier": "adresse"}[typed.contact]
        yield FieldError(name, t(f"guichet.erreur_prevenir_{typed.contact}"))
    if typed.channel != "courrier" and not typed.anonymous and not typed.consent:
        yield FieldError("consentement", t("guichet.erreur_consentement"))


def _when(typed: Typed) -> Iterator[FieldError]:
    wrong = tuple(_moment(typed))
    yield from wrong
    late = typed.received_at is not None and current.now() - typed.received_at > LATE_ENTRY
    if late and not wrong and typed.late_why not in labels.LATE_REASONS:
        yield FieldError("raison", t("guichet.erreur_raison"))


def _moment(typed: Typed, since: datetime | None = None) -> Iterator[FieldError]:
    """Can it have been received then; `since` is when the case was that it joins. The field knows no seconds."""
    now, received, french = current.now(), typed.received_at, current.french()
    if received is None:
        if typed.late_at:
            yield FieldError("recu_le", t("erreur.date"))
    elif received > now and typed.late_why != NETWORK_LOSS:
        yield FieldError("recu_le", t("guichet.erreur_futur"))
    elif since is not None and received < since.replace(second=0, microsecond=0):
        yield FieldError("recu_le", t("guichet.erreur_avant_demande", date=french.prose(since)))
    elif now - received > OLDEST_ENTRY:
        oldest = french.long_day(now - OLDEST_ENTRY + timedelta(days=1))
        yield FieldError("recu_le", t("guichet.erreur_trop_ancien", date=oldest))
