"""What stands around every page of the agents: his views with their counts, the other spaces, who he is?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from gru.domain.rights import Agent, Scope, may, scope_of
from gru.storage.databases import reading
from gru.web import current
from gru.web.agents.alarm import alarm_for
from gru.web.i18n import number, t
from gru.web.pages import Link, LinkGroup, Shell, initials
from projections import case_file, inbox, queue

BASE = "/agent/demandes"
MESSAGES = "/agent/messages"
DUTIES = "/agent/accuses"
SENDINGS = "/agent/envois"
DIFFICULTIES = "/agent/difficultes"
LEGAL_DATES = "/agent/echeances-legales"


@dataclass(frozen=True, slots=True)
class View:
    """A question agents often have: its address and its name."""

    code: str
    query: str
    label: str
    icon: str


VIEWS = (
    View("mine", "?agent=moi", "file.titre", "user"),
    View("unassigned", "?agent=aucun", "file.non_attribuees", "inbox"),
    View("late", "?echeance=retard", "file.en_retard", "alert"),
    View("today", "?echeance=aujourdhui", "file.aujourdhui", "clock"),
    View("waiting_resident", "?attente=usager", "file.attente_usager", "pause"),
    View("all", "?agent=tous", "file.toutes", "list"),
)


def day_end() -> datetime:
    """When today ends, in the town's time."""
    french = current.french()
    tomorrow = french.local(french.now).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(0), french.zone)


def view_filters(agent: Agent) -> tuple[queue.Filter, ...]:
    """What each view lists, in the order of `VIEWS`."""
    scope = scope_of(agent)
    return (
        queue.Filter(scope=scope, agent=agent.id),
        queue.Filter(scope=scope, agent=""),
        queue.Filter(scope=scope, due="late"),
        queue.Filter(scope=scope, due="today", day_end=day_end()),
        queue.Filter(scope=scope, waiting_on="resident"),
        queue.Filter(scope=scope),
    )


def messages_counted(agent: Agent) -> tuple[queue.Count, ...]:
    """What no case took, counted for those who may say where it belongs."""
    if not may(agent, "link"):
        return ()
    return (inbox.waiting_counted(visible=case_file.visible(scope_of(agent))),)


def counted() -> tuple[int, ...]:
    """The numbers beside the views, and that of the messages if he may link them, in one statement."""
    agent = current.agent()
    with reading(current.office().databases.views) as connection:
        return queue.counts_of(connection, view_filters(agent), current.now(), also=messages_counted(agent))


def shell(counts: Sequence[int] | None = None, *, view: str = "", space: str = "", query: str = "") -> Shell:
    """`counts` are those of `counted`, where the page has asked for them already."""
    agent, town, french = current.agent(), current.town(), current.french()
    name = current.everybody()[agent.id].name
    counts, sees_some = counts or counted(), scope_of(agent) != Scope()
    of_views, of_messages = counts[: len(VIEWS)], counts[len(VIEWS) :]
    views = tuple(
        Link(
            BASE + one.query,
            t(one.label),
            one.icon,
            shown(count),
            current=one.code == view,
            late=one.code == "late" and count > 0,
        )
        for one, count in zip(VIEWS, of_views, strict=True)
    )
    followed = (
        *_messages(of_messages, space),
        _duties(space),
        *_sendings(agent, space),
        *_legal_dates(agent, space),
        _difficulties(space),
    )
    groups = (
        LinkGroup(t("navigation.vues"), views if sees_some else ()),
        LinkGroup(t("navigation.suivre"), followed),
        LinkGroup(t("navigation.accueil_public"), tuple(_reception(agent, space))),
        LinkGroup(t("navigation.chiffres"), tuple(_figures(agent, space))),
        LinkGroup(t("navigation.reglages"), tuple(_settings(agent, space))),
    )
    department = town.departments.get(agent.departments[0]) if agent.departments else None
    return Shell(
        town=town.name,
        home=f"{BASE}?agent=moi" if sees_some else "/pilotage",
        search=BASE,
        logout="/deconnexion",
        agent=name,
        initials=initials(name),
        department=department.name if department else "",
        groups=tuple(group for group in groups if group.links),
        query=query,
        fresh=t("file.a_jour", heure=french.hour(french.now)),
        alarm=alarm_for(agent),
    )


def _messages(counts: Sequence[int], space: str) -> list[Link]:
    """None for those who may not link messages, and for whom none were counted."""
    return [Link(MESSAGES, t("messages.titre"), "link", shown(count), current=space == "messages") for count in counts]


def _duties(space: str) -> Link:
    """Without a number: no other page has to ask for it."""
    return Link(DUTIES, t("accuses.titre"), "reply", current=space == "duties")


def _sendings(agent: Agent, space: str) -> list[Link]:
    """Without a number, as the duties."""
    if not may(agent, "handle"):
        return []
    return [Link(SENDINGS, t("envois.titre"), "chat", current=space == "sendings")]


def _difficulties(space: str) -> Link:
    return Link(DIFFICULTIES, t("difficulte.titre"), "alert", current=space == "difficulties")


def _legal_dates(agent: Agent, space: str) -> list[Link]:
    """For those who handle cases or read figures."""
    if not (may(agent, "handle") or may(agent, "figures")):
        return []
    return [Link(LEGAL_DATES, t("echeances.titre"), "scale", current=space == "legal_dates")]


def _reception(agent: Agent, space: str) -> list[Link]:
    if not may(agent, "register"):
        return []
    return [
        Link("/guichet", t("guichet.titre"), "desk", current=space == "counter"),
        Link("/guichet/file", t("accueil.titre"), "users", current=space == "waiting"),
        Link("/guichet/courriers", t("lettres.titre"), "inbox", current=space == "letters"),
    ]


def _figures(agent: Agent, space: str) -> list[Link]:
    if not may(agent, "figures"):
        return []
    return [
        Link("/pilotage", t("pilotage.titre"), "chart", current=space == "reports"),
        Link("/rapports", t("rapport.titre"), "note", current=space == "committee"),
    ]


def _settings(agent: Agent, space: str) -> list[Link]:
    links = []
    if may(agent, "simulate"):
        links.append(Link("/admin/engagements", t("admin.engagements"), "clock", current=space == "rules"))
    if may(agent, "administer"):
        links.append(Link("/administration/etat", t("sante.titre"), "gear", current=space == "health"))
    return links


def shown(count: int) -> str:
    return number(queue.CAP) + "+" if count > queue.CAP else number(count)
