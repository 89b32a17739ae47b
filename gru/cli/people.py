"""What can be asked about a person: what is kept of him, to forget him, and which agents may log in?"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from gru import settings
from gru.bootstrap import Office, open_office
from gru.cli.progress import show_progress
from gru.cli.town import agent
from gru.domain import events as e
from gru.domain.errors import NotNow, Refused
from gru.domain.rights import Agent
from gru.office.town_hall import dismiss

BY = "system:operator"


@click.group()
def person() -> None:
    """Residents' rights (RGPD art. 15 and 17)."""


# --- export ------------------------------------------------------------------------------------------------------


@person.command()
@click.argument("who")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def export(who: str, folder: Path) -> None:
    """Write all that is kept of a person (id, mail address or telephone) to an empty folder."""
    with open_office(settings.read()) as office:
        [id_] = _found(office, [who])
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise click.ClickException(f"{folder} is not empty. Nothing was written.")
        cases = [_case(office, id_, case) for case in office.erasure.cases_of(id_)]
        kept = {"person": msgspec.to_builtins(office.archive.people([id_])[id_]), "cases": cases}
        _write(folder / "person.json", json.dumps(kept, ensure_ascii=False, indent=2).encode())
        count = sum(_written(office, folder, word) for _, word in office.archive.words_of(id_))
        texts = sum(len(case["texts"]) for case in cases)
        click.echo(f"{len(cases)} cases, {texts} texts, {count} messages and files written to {folder}.")


def _case(office: Office, person: str, case_id: str) -> dict[str, Any]:
    """The case with every text under this person's key: his own, and what agents wrote to him or of him."""
    history = office.log.history(case_id)
    known = office.desk.case(case_id)
    his = {word for case, word in office.archive.words_of(person) if case == case_id}
    said = [(recorded, ref) for recorded in history for ref in _texts(recorded.event) if ref.id in his]
    texts = office.archive.texts([ref.id for _, ref in said])
    return {
        "number": known.number if known else "",
        "status": known.status if known else "",
        "opened": history[0].at.isoformat() if history else "",
        "texts": [
            {
                "at": recorded.at.isoformat(),
                "fact": recorded.event.NAME,
                "by": recorded.by.partition(":")[0],
                "text": texts[ref.id],
            }
            for recorded, ref in said
            if texts[ref.id] is not None
        ],
    }


def _texts(event: e.Event) -> Iterator[e.TextRef]:
    for value in msgspec.structs.asdict(event).values():
        if isinstance(value, e.TextRef):
            yield value


def _written(office: Office, folder: Path, word: str) -> bool:
    """A file as it was sent, a message as it came; whether there was one under this id."""
    if file := office.archive.file(word):
        _write(folder / f"{word}-{_harmless(file.name)}", file.content)
        return True
    message = office.archive.kept(word)
    if message is not None and message.raw is not None:
        _write(folder / f"{word}.eml", message.raw)
        return True
    return False


def _harmless(name: str) -> str:
    """The sender chose the name: it may lead nowhere else."""
    return re.sub(r"[^\w.-]+", "_", name).lstrip(".")[-100:] or "file"


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)


# --- erase -------------------------------------------------------------------------------------------------------


@person.command()
@click.argument("who", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(who: tuple[str, ...], yes: bool) -> None:
    """Forget people (id, mail address or telephone): their words and names can be read nowhere afterwards.

    Prints a certificate for each, one a line: keep them, a restore of older keys asks for them.
    """
    with open_office(settings.read()) as office:
        people = _found(office, who)
        try:
            cases = {id_: office.erasure.cases_of(id_) for id_ in people}
        except NotNow as error:
            raise click.ClickException(f"{error} Nothing was changed.") from None
        for id_ in people:
            click.echo(f"Person {id_}: {len(cases[id_])} cases. Stopped half-way, erase this id again.", err=True)
        if not yes:
            click.confirm("Erase these words and names for ever?", abort=True, err=True)
        done, failed = office.erasure.again_each(people, by=BY, progress=_show)
        in_the_way = office.erasure.scrub()
        for certificate in done:
            click.echo(msgspec.json.encode(msgspec.structs.replace(certificate, clean=not in_the_way)).decode())
        click.echo(REMINDER, err=True)
        _end(*(f"Person {id_} could not be erased: {error}." for id_, error in failed.items()), *in_the_way)


@person.command()
def scrub() -> None:
    """Rewrite the databases' files, so that nothing that was masked or erased lies on in them."""
    with open_office(settings.read()) as office:
        _end(*office.erasure.scrub())


def _end(*undone: str) -> None:
    if undone:
        raise click.ClickException("\n".join((*undone, "Not everything is done: run the same command again.")))


def _show(done: int, total: int) -> None:
    show_progress("people", done, total)


REMINDER = (
    "Still to be done by hand: his letters in the town's own mailbox and its folder of sent mail, and older copies of"
    " the keys, which must not outlive the delay you promise (docs/operations.md, Erasing a person)."
)


def _found(office: Office, who: list[str] | tuple[str, ...]) -> list[str]:
    """Everybody is known, or nothing is done."""
    found = []
    for one in who:
        known = _known_by(office, one)
        if not known:
            raise click.ClickException(f"Nobody is known by {one}. Nothing was changed.")
        if len(known) > 1:
            said = f"Several are known by {one}: name those you mean by their ids ({' '.join(known)})."
            raise click.ClickException(f"{said} Nothing was changed.")
        found += known
    return found


def _known_by(office: Office, one: str) -> list[str]:
    if re.fullmatch("[0-9a-f]{32}", one):
        return [one] if office.erasure.knows(one) else []
    return office.archive.find_people(email=one) if "@" in one else office.archive.find_people(phone=one)


# --- agents ------------------------------------------------------------------------------------------------------


@agent.command("list")
def list_agents() -> None:
    """Who works for the town, with role, departments and sites, and who cannot log in."""
    with open_office(settings.read()) as office:
        agents = sorted(office.town.agents().values(), key=lambda one: one.name)
        people = office.archive.people([one.person for one in agents])
        for one in agents:
            known = people[one.person]
            places = " ".join((*one.departments, *one.sites))
            locked = "" if may_log_in(office, one) else "  (no password)"
            click.echo(f"{one.name}  {known.email if known else ''}  {one.role}  {places}{locked}")
        if not agents:
            click.echo("Nobody yet: `gru agent add EMAIL`.")


@agent.command()
@click.argument("email")
def leave(email: str) -> None:
    """The agent with this address works here no more: no session, no password; his name stays in what he did."""
    with open_office(settings.read()) as office:
        known = office.archive.find_person(email, kind="agent")
        found = [one for one in office.town.agents().values() if one.person == known]
        if not known or not found:
            raise click.ClickException(f"Nobody works here with the address {email}. Nothing was changed.")
        try:
            dismiss(office.log, office.archive, found[0].id, by=BY)
        except Refused as error:
            raise click.ClickException(f"{error} Nothing was changed.") from None
        office.access.forget_agent(found[0].id)
        click.echo(f"{found[0].name} works here no more and can no longer log in.")


def may_log_in(office: Office, one: Agent) -> bool:
    known = office.archive.people([one.person])[one.person]
    return known is not None and office.access.agent_of_login(known.email) == one.id


COMMANDS = (person,)
