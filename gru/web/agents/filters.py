"""Which cases does this address ask for, and which address asks for them without one of its filters?

Keys and codes in the address are French and stable; values are relative (« moi », « retard »), so that a shared link
stays true for its reader.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from gru.domain.events import Channel, CommitmentKind
from gru.domain.rights import scope_of
from gru.domain.status import Status
from gru.domain.town import Town
from gru.web import current, labels
from gru.web.agents import behind
from gru.web.agents.queue_page import Chip, Header
from gru.web.agents.shell import BASE, VIEWS, day_end
from gru.web.dates import day_and_month
from gru.web.forms import Choices, Field, local_instant, whole_number
from gru.web.i18n import alphabetical, t
from gru.web.pages import Link
from projections.queue import BANDS, AgeSpan, Due, Filter, Sort

STATUSES: dict[str, Status] = {
    "recue": "received",
    "enregistree": "registered",
    "qualifiee": "qualified",
    "en-instruction": "in_progress",
    "en-attente": "waiting",
    "repondue": "answered",
    "close": "closed",
    "rouverte": "reopened",
}
CHANNELS: dict[str, Channel] = {
    "email": "email",
    "facebook": "facebook",
    "web": "web",
    "guichet": "counter",
    "telephone": "phone",
    "courrier": "post",
    "open311": "open311",
}
DUES: dict[str, tuple[Due, str]] = {
    "retard": ("late", "file.en_retard"),
    "aujourdhui": ("today", "file.aujourdhui"),
    "7j": ("7d", "file.sept_jours"),
    "pause": ("paused", "file.en_pause"),
}
WAITS = {"usager": "resident", "service": "service", "tiers": "third_party"}
SORTS: dict[str, tuple[Sort, bool, str]] = {
    "echeance": ("due", False, "tri.echeance"),
    "-echeance": ("due", True, "tri.echeance_loin"),
    "recue": ("received", False, "tri.recue"),
    "-recue": ("received", True, "tri.recue_recente"),
    "modifiee": ("updated", True, "tri.modifiee"),
}
NAMES = {
    "statut": "champ.statut",
    "agent": "champ.agent",
    "service": "champ.service",
    "type": "champ.type",
    "canal": "champ.canal",
    "echeance": "champ.echeance",
    "attente": "champ.attente",
    "site": "champ.site",
    "secteur": "champ.secteur",
    "usager": "dossier.usager",
    "engagement": "pilotage.engagement",
    "du": "champ.du",
    "au": "champ.jusque",
    "tenu": "champ.tenu",
    "compte": "champ.compte",
    behind.LONGER: "champ.plus_de",
    "etape": "champ.etape",
    "suivante": "champ.suivante",
    "chemin": "champ.chemin",
    "de": "champ.de",
    "vers": "champ.vers",
    "age": "champ.age",
    "q": "champ.recherche",
}
COMMITMENTS: dict[str, CommitmentKind] = {
    "accuse": "acknowledge",
    "reponse": "first_response",
    "securite": "make_safe",
    "resolution": "resolve",
}
AGES: dict[str, AgeSpan] = {str(days): (days, below) for days, below in zip(BANDS, (*BANDS[1:], None), strict=True)}
"""How many days ago an open case was received, band by band."""
CODES: dict[str, Mapping[str, object]] = {
    "statut": STATUSES,
    "canal": CHANNELS,
    "echeance": DUES,
    "attente": WAITS,
    "engagement": COMMITMENTS,
    "compte": behind.COUNTED,
    "etape": behind.STAGES,
    "suivante": behind.FOLLOWING,
    "age": AGES,
}
COHORT, DAYS = ("engagement", "tenu"), ("du", "au")
FIGURE = ("compte", behind.LONGER, "etape", "suivante", "chemin", "de", "vers")
PLAIN = ("tri", "page", "vue")
PAGE_SIZE = 50
LAST_PAGE = 99_999


@dataclass(frozen=True, slots=True)
class Cohort:
    """The promises of one kind that fell due between two instants; only the missed ones when `failed`."""

    kind: CommitmentKind
    start: datetime
    end: datetime
    failed: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """The address read: the filters as they were written, what they mean, and those nobody knows any more."""

    given: tuple[tuple[str, str], ...]
    wanted: Filter
    sort: str
    page: int
    query: str
    unknown: tuple[str, ...] = ()
    view: str = ""
    requester_of: str = ""
    cohort: Cohort | None = None
    figure: behind.Behind | None = None
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def behind_figure(self) -> bool:
        """Is this the list behind a number of a report?"""
        return self.cohort is not None or self.figure is not None


def read_query(args: MultiDict[str, str]) -> Asked:
    """What the address asks for; unknown filters are named, never obeyed."""
    written = [(name, value.replace("\0", "")) for name, value in args.items(multi=True)]
    given = tuple((name, value) for name, value in written if value and _is_known(name, value))
    cohort, figure = _cohort(_by_name(given)), behind.read(_by_name(given), current.french().zone)
    idle = (*(COHORT if cohort is None else ()), *(FIGURE if figure is None else ()))
    idle = (*idle, *DAYS) if cohort is None and figure is None else idle
    given = tuple((name, value) for name, value in given if name not in idle)
    values = _by_name(given)
    ignored = (name for name, value in written if value and name not in values and name not in PLAIN)
    sort = args.get("tri", "")
    sort = sort if sort in SORTS else usual(values)
    return Asked(
        given=given,
        wanted=_wanted(values, sort),
        sort=sort,
        page=min(whole_number(args.get("page", "")) or 1, LAST_PAGE),
        query=" ".join(values.get("q", ())).strip()[:200],
        unknown=tuple(dict.fromkeys(ignored)),
        view=_view(given),
        requester_of=values.get("usager", ("",))[0],
        cohort=cohort,
        figure=figure,
        values=values,
    )


def _is_known(name: str, value: str) -> bool:
    """A filter there is, with a value there is; the town's own codes may have left the catalogue since."""
    return name in NAMES and (name not in CODES or value in CODES[name])


def _by_name(given: tuple[tuple[str, str], ...]) -> dict[str, tuple[str, ...]]:
    values: dict[str, tuple[str, ...]] = {}
    for name, value in given:
        values[name] = (*values.get(name, ()), value)
    return values


def usual(values: Mapping[str, tuple[str, ...]]) -> str:
    """The order nobody asked for: what falls due next; of what was searched, the newest."""
    return "-recue" if any(name in values for name in ("q", "usager")) else "echeance"


def _cohort(values: Mapping[str, tuple[str, ...]]) -> Cohort | None:
    """A figure's cases, as a report links to them."""
    kind = COMMITMENTS.get(values.get("engagement", ("",))[0])
    zone = current.french().zone
    start = local_instant(values.get("du", ("",))[0], zone)
    end = local_instant(values.get("au", ("",))[0], zone)
    if kind is None or start is None or end is None:
        return None
    return Cohort(kind, start, end + timedelta(days=1), "non" in values.get("tenu", ()))


def _wanted(values: Mapping[str, tuple[str, ...]], sort: str) -> Filter:
    agent = current.agent()
    statuses = tuple(STATUSES[one] for one in values.get("statut", ()) if one in STATUSES)
    due = values.get("echeance", ("",))[0]
    who = values.get("agent", ("",))[0]
    by, newest_first, _ = SORTS[sort]
    searched = any(name in values for name in ("q", "usager", "engagement", "compte"))
    return Filter(
        scope=scope_of(agent),
        open_only="closed" not in statuses and not searched,
        statuses=statuses,
        agent={"moi": agent.id, "aucun": ""}.get(who, who if who and who != "tous" else None),
        departments=values.get("service", ()),
        types=values.get("type", ()),
        channels=tuple(CHANNELS[one] for one in values.get("canal", ()) if one in CHANNELS),
        sites=values.get("site", ()),
        districts=values.get("secteur", ()),
        due=DUES[due][0] if due in DUES else "",
        waiting_on=WAITS.get(values.get("attente", ("",))[0], ""),
        day_end=day_end(),
        aged=AGES.get(values.get("age", ("",))[0]),
        sort=by,
        newest_first=newest_first,
    )


def _view(given: tuple[tuple[str, str], ...]) -> str:
    """Which of the sidebar's views this is, if it is one."""
    asked = f"?{urlencode(given)}"
    return next((one.code for one in VIEWS if one.query == asked), "")


def address(given: tuple[tuple[str, str], ...], sort: str = "echeance", page: int = 1) -> str:
    more = []
    if sort != usual({name: (value,) for name, value in given}):
        more.append(("tri", sort))
    if page > 1:
        more.append(("page", str(page)))
    query = urlencode([*given, *more])
    return f"{BASE}?{query}" if query else f"{BASE}?agent=tous"


def chips(asked: Asked, town: Town) -> Iterator[Chip]:
    if asked.wanted.open_only and not asked.values.get("statut"):
        yield Chip(t("champ.statut"), t("file.ouvertes"))
    for name, value in asked.given:
        if (name, value) == ("agent", "tous"):
            continue
        rest = tuple(pair for pair in asked.given if pair != (name, value))
        label, said = t(NAMES[name]), meaning(name, value, town)
        yield Chip(label, said, address(rest, asked.sort), t("file.retirer_filtre", nom=label, valeur=said))


def meaning(name: str, value: str, town: Town) -> str:
    """What a filter's value is called; one nobody knows is shown as it is."""
    match name:
        case "statut":
            code = STATUSES.get(value, "")
            return t("statut.agent.en_attente") if code == "waiting" else labels.statuses().get(code, value)
        case "agent":
            named = current.agents().get(value)
            return {"moi": t("file.moi"), "aucun": t("file.personne")}.get(value, named.name if named else value)
        case "service" | "de" | "vers":
            department = town.departments.get(value)
            return department.name if department else value
        case "type":
            kind = town.types.get(value)
            return kind.label if kind else value
        case "canal":
            return labels.channel(CHANNELS[value]).text if value in CHANNELS else value
        case "echeance":
            return t(DUES[value][1]) if value in DUES else value
        case "attente":
            return labels.said(labels.PARTIES, WAITS.get(value, value))
        case "site":
            site = town.sites.get(value)
            return site.name if site else value
        case "etape" | "suivante":
            return stage_name(behind.FOLLOWING.get(value, value))
        case "chemin":
            return " → ".join(map(stage_name, behind.way_of(value))) or value
        case "du" | "au":
            day = local_instant(value, current.french().zone)
            return f"{day_and_month(day.date())} {day.year}" if day else value
        case "age":
            return age_band(*AGES[value]) if value in AGES else value
        case "compte":
            return t(behind.COUNTED[value]) if value in behind.COUNTED else value
        case behind.LONGER:
            return t("pilotage.jours", n=value.replace(".", ","))
        case "engagement":
            return labels.said(labels.COMMITMENTS, COMMITMENTS.get(value, value))
        case "secteur":
            district = town.districts.get(value)
            return district.name if district else value
    return value


def stage_name(stage: str) -> str:
    return t(f"pilotage.etape.{stage}") if stage else t("pilotage.closes")


def age_band(days: int, below: int | None) -> str:
    """« moins de 7 j », « 7 à 29 j », « 365 j et plus »."""
    if below is None:
        return t("pilotage.age_plus", n=str(days))
    return t("pilotage.age_moins", n=str(below)) if days == 0 else t(
        "pilotage.age_entre", a=str(days), b=str(below - 1)
    )  # fmt: skip


def filter_fields(asked: Asked, town: Town) -> tuple[Field, ...]:
    """One choice for each common filter; the others of the address ride along."""
    every = ("", t("file.tous"))
    statuses = tuple((code, meaning("statut", code, town)) for code in STATUSES)
    departments = tuple(sorted(((d.code, d.name) for d in town.departments.values()), key=_label))
    agents = (("moi", t("file.moi")), ("aucun", t("file.personne")), *_agents())
    shown: tuple[tuple[str, Choices], ...] = (
        ("statut", (("", t("file.ouvertes")), *statuses)),
        ("agent", (every, *agents)),
        ("service", (every, *departments)),
        ("echeance", (every, *((code, t(key)) for code, (_, key) in DUES.items()))),
        ("canal", (every, *((code, labels.channel(channel).text) for code, channel in CHANNELS.items()))),
    )
    fields = [
        Field(name, t(NAMES[name]), "select", asked.values.get(name, ("",))[0], choices=choices)
        for name, choices in shown
    ]
    named = {name for name, _ in shown}
    hidden = [Field(name, "", "hidden", value) for name, value in asked.given if name not in named]
    return (*fields, *hidden, Field("tri", "", "hidden", asked.sort))


def _agents() -> Choices:
    """Colleagues of the same departments."""
    mine = set(current.agent().departments)
    agents = current.agents().values()
    return tuple(sorted(((a.id, a.name) for a in agents if mine & set(a.departments)), key=_label))


def _label(choice: tuple[str, str]) -> str:
    return alphabetical(choice[1])


def sorts(asked: Asked) -> tuple[Link, ...]:
    return tuple(
        Link(address(asked.given, code), t(key), current=code == asked.sort) for code, (_, _, key) in SORTS.items()
    )


def headers(asked: Asked) -> tuple[Header, ...]:
    return (
        _header(asked, "echeance", t("champ.echeance")),
        Header(t("champ.demande")),
        Header(t("champ.statut")),
        Header(t("champ.canal")),
        _header(asked, "recue", t("champ.recue")),
    )


def _header(asked: Asked, code: str, label: str) -> Header:
    if asked.sort == code:
        return Header(label, address(asked.given, f"-{code}"), "ascending", "↑")
    if asked.sort == f"-{code}":
        return Header(label, address(asked.given, code), "descending", "↓")
    return Header(label, address(asked.given, code))
