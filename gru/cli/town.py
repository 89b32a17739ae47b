"""How does a town begin, take its decisions, engage its people, and be shown?"""

from contextlib import closing
from datetime import UTC, datetime
from mailbox import Maildir
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import click

from gru import settings
from gru.bootstrap import Office, open_office
from gru.demo.founding import found
from gru.demo.graph import FakeGraph
from gru.demo.graph_server import Webhooks, serving
from gru.demo.year import Year
from gru.domain.errors import Refused
from gru.office.reactions import POSITION
from gru.office.rebuild import rebuild
from gru.office.town_hall import (
    SAMPLE,
    NewAgent,
    WrongCatalogue,
    adopt,
    engage,
    read_folder,
)
from gru.processes import stoppable
from gru.settings import Settings

BY = "system:operator"
LEFT_FOR_THE_VISITOR = "11-bruit-voisin.eml"
DEMO_PASSWORD = "demonstration"
DEMO_SEED = 20261122
DEMO_LOGINS = {
    "camille.rousselet": "reception at the town hall, sees every department's normal cases",
    "nadia.benali": "head of reception, qualifies what comes in",
    "julien.moreau": "head of roads and lighting",
    "sonia.verbeke": "agent of roads and cleaning",
    "catherine.ollivier": "head of social services, sees secret cases",
    "isabelle.fournier": "transformation committee, sees figures",
    "pauline.noiret": "administrator",
}


@click.command()
@click.option("--town", "folder", type=click.Path(exists=True, path_type=Path), default=None,
              help="Folder with catalogue.yaml and templates/; default, for a new town: the sample town.")  # fmt: skip
@click.option("--from", "valid_from", type=click.DateTime(["%Y-%m-%d"]), default=None,
              help="Day from whose midnight in the town it holds; default, and today: from now.")  # fmt: skip
def init(folder: Path | None, valid_from: datetime | None) -> None:
    """Make the databases and adopt a catalogue. On a town that exists: bring its tables up and adopt a new version."""
    with open_office(settings.read()) as office:
        office.prepare()
        if folder is None and office.log.head():
            click.echo("The town has its catalogue; nothing changed. Another one is named with --town.")
        elif _adopted(office, folder or SAMPLE, valid_from):
            click.echo(f"{office.town.latest().name} has adopted version {office.town.latest().number}.")
        else:
            click.echo("This catalogue is adopted already; nothing changed.")


@click.command()
def migrate() -> None:
    """Bring the tables up to this program. The town may keep working."""
    with open_office(settings.read()) as office:
        outdated = office.prepare()
        for name in outdated:
            click.echo(f"The projection {name} has changed: run `gru rebuild {name}`.")
        click.echo("The tables are up to date.")


@click.group()
def agent() -> None:
    """The people who work for the town."""


@agent.command()
@click.argument("email")
@click.option("--name", required=True, help="« Prénom Nom »")
@click.option("--role", default="agent", show_default=True, help="A role of the catalogue.")
@click.option("--department", "departments", multiple=True, help="Code of a department; may be given several times.")
@click.option("--site", "sites", multiple=True, help="Code of a site; may be given several times.")
@click.password_option(envvar="GRU_NEW_PASSWORD", help="Asked for when not given.")
def add(email: str, name: str, role: str, departments: tuple[str, ...], sites: tuple[str, ...], password: str) -> None:
    """Engage an agent who logs in with EMAIL, or change his role, departments, sites and password."""
    if len(password) < 12:
        raise click.ClickException("A password needs 12 characters or more. Nothing was changed.")
    with open_office(settings.read()) as office:
        new = NewAgent(name=name, email=email, role=role, departments=departments, sites=sites)
        id_, _ = engage(office.log, office.archive, new, by=BY)
        office.access.set_password(id_, email, password)
        click.echo(f"{name} may log in with {email}.")


@click.command()
@click.option("--cases", type=click.IntRange(1), default=3000, show_default=True, help="How many cases to invent.")
@click.option("--seed", default=DEMO_SEED, show_default=True, help="The same seed and end give the same year.")
@click.option("--until", type=click.DateTime(["%Y-%m-%dT%H:%M"]), default=None, help="End of the year; default: now.")
@click.option("--data", type=click.Path(path_type=Path), default=None, help="The town's folder, as in GRU_DATA.")
@click.option("--welcome", is_flag=True, help="Only say where to look.")
@click.option(
    "--facebook", is_flag=True, help="Only play Facebook, until stopped: a page on which a visitor can write."
)
def demo(cases: int, seed: int, until: datetime | None, data: Path | None, welcome: bool, facebook: bool) -> None:
    """Make the sample town with a year of invented cases, unless it is there already."""
    read = settings.read()
    if data is not None and data.resolve() != read.data.resolve():
        raise click.ClickException(f"--data {data} is not GRU_DATA ({read.data}).")
    if welcome:
        click.echo(_welcome(read))
        return
    if facebook:
        _play_facebook(read)
        return
    with open_office(read) as office:
        office.prepare()
        if office.log.head():
            click.echo("The sample town is there already.")
            return
        _fill(office, cases, seed, until.replace(tzinfo=UTC) if until else office.now())


def _play_facebook(read: Settings) -> None:
    """Where the town's settings look for the Graph API, which must be on this machine."""
    place = urlsplit(read.facebook_graph_url)
    if place.scheme != "http" or place.hostname not in ("127.0.0.1", "localhost") or place.port is None:
        raise click.ClickException("GRU_FACEBOOK_GRAPH_URL is no http address with a port on this machine.")
    webhooks = Webhooks(f"{read.public_url}/facebook/webhook")
    graph = FakeGraph(secret=read.facebook_app_secret, deliver=webhooks)
    with stoppable() as stop, serving(graph, place.hostname, place.port, read.public_url):
        while not stop.wait(1.0):
            pass


def _adopted(office: Office, folder: Path, since: datetime | None) -> bool:
    """`since`: a day in the town; None: from the very instant it is adopted, unless it is what holds already."""
    try:
        content = read_folder(folder)
    except WrongCatalogue as wrong:
        raise click.ClickException(f"The catalogue is refused whole:\n{wrong}") from None
    is_new = not office.log.head()
    if since is None and not is_new and office.town.latest().digest == content.digest:
        return False
    now = office.now()
    begins = _begins(since, ZoneInfo(content.catalogue.timezone), now) if since else now
    try:
        adopted = adopt(office.log, office.archive, content, begins, by=BY, at=now)
    except Refused as refused:
        raise click.ClickException(str(refused)) from None
    office.town.refresh()
    if is_new:
        office.work.start(POSITION, office.log.head())
    return bool(adopted)


def _begins(day: datetime, zone: ZoneInfo, now: datetime) -> datetime:
    """The first instant of this day in the town, or now if it is today."""
    midnight = day.replace(tzinfo=zone)
    return now if midnight.date() == now.astimezone(zone).date() else midnight


def _fill(office: Office, cases: int, seed: int, until: datetime) -> None:
    for email, id_ in found(office, until, seed).items():
        if email.split("@")[0] in DEMO_LOGINS:
            office.access.set_password(id_, email, DEMO_PASSWORD)
    with click.progressbar(length=cases, label="Inventing a year") as bar:
        facts = Year(office, until, seed).write(cases, lambda done, of: bar.update(done - bar.pos))
    office.work.start(POSITION, office.log.head())
    click.echo(f"{cases} cases, {facts} facts.")
    rebuild(office.projector, progress=_tell)
    if box := _box(office.settings):
        click.echo(f"{_post_samples(box)} sample mails wait in {box}/new.")


def _box(read: Settings) -> str:
    """The first folder mail is dropped into, `""` when there is none."""
    boxes = [url.removeprefix("maildir://") for url in read.mailboxes if url.startswith("maildir://")]
    return unquote(boxes[0]) if boxes else ""


def _post_samples(box: str) -> int:
    """All but the one that is left for the visitor to drop in; the mail process finds them as it begins."""
    mails = sorted(path for path in (SAMPLE / "mails").glob("*.eml") if path.name != LEFT_FOR_THE_VISITOR)
    Path(box).parent.mkdir(parents=True, exist_ok=True)
    with closing(Maildir(box)) as folder:
        for path in mails:
            folder.add(path.read_bytes())
    return len(mails)


def _tell(what: str, done: int, total: int) -> None:
    click.echo(f"\r{what}: {done} of {total}   ", nl=done >= total)


def _welcome(read: Settings) -> str:
    logins = "\n".join(f"  {name}@val-des-tilleuls.example   {who}" for name, who in DEMO_LOGINS.items())
    return f"""
The sample town is open.

Agents     {read.public_url}/connexion   password for each: {DEMO_PASSWORD}
{logins}
Residents  {read.public_url}/suivi
{_facebook(read)}Health     {read.public_url}/sante

The sample mails have just arrived. Send it another, this one or yours, and watch it arrive:
  cp {SAMPLE / "mails" / LEFT_FOR_THE_VISITOR} {_box(read)}/new/
What the town writes back lies in {read.smtp_url.removeprefix("maildir://") or read.data / "outbox"}/new
Ctrl-C stops everything; bin/demo starts it again where it was.
"""


def _facebook(read: Settings) -> str:
    """Where a visitor of the demonstration writes as a resident does on the town's page."""
    played = read.facebook_graph_url.startswith("http://127.0.0.1:")
    return (
        f"Facebook   {read.facebook_graph_url}   an invented page: write a comment, see it arrive\n" if played else ""
    )


COMMANDS = (init, migrate, agent, demo)
