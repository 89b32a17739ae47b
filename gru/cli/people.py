"""What can be asked about a person: what is kept of him, and to forget him?"""

import json
from pathlib import Path

import click
import msgspec

from gru import settings
from gru.bootstrap import Office, open_office


@click.group()
def person() -> None:
    """Residents' rights (RGPD art. 15 and 17)."""


@person.command()
@click.argument("who")
@click.argument("folder", type=click.Path(path_type=Path))
def export(who: str, folder: Path) -> None:
    """Write all that is kept of a person (id, mail address or telephone) to a folder."""
    with open_office(settings.read()) as office:
        id_ = _found(office, who)
        folder.mkdir(parents=True, exist_ok=True)
        known = office.archive.people([id_]).get(id_)
        words = office.archive.words_of(id_)
        texts = office.archive.texts([word for _, word in words])
        names = office.archive.file_names([word for _, word in words])
        kept = {
            "person": msgspec.to_builtins(known),
            "texts": [{"case": case, "id": word, "text": texts[word]} for case, word in words if texts[word]],
            "files": [{"case": case, "id": word, "name": name.name} for case, word in words if (name := names[word])],
        }
        (folder / "person.json").write_text(json.dumps(kept, ensure_ascii=False, indent=2), encoding="utf-8")
        for _, word in words:
            if file := office.archive.file(word):
                (folder / f"{word}-{file.name}").write_bytes(file.content)
        click.echo(f"{len(kept['texts'])} texts and {len(kept['files'])} files written to {folder}.")


@person.command()
@click.argument("who")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(who: str, yes: bool) -> None:
    """Forget a person (id, mail address or telephone): his words and name can be read nowhere afterwards."""
    with open_office(settings.read()) as office:
        id_ = _found(office, who)
        cases = office.erasure.cases_of(id_)
        if not yes:
            click.confirm(f"Erase this person's words in {len(cases)} cases, for ever?", abort=True)
        with click.progressbar(length=len(cases), label="Erasing") as bar:
            certificate = office.erasure.erase(id_, by="system:operator", progress=lambda done, of: bar.update(1))
        click.echo(msgspec.json.encode(certificate).decode())


def _found(office: Office, who: str) -> str:
    if len(who) == 32 and not set(who) - set("0123456789abcdef"):
        return who
    found = office.archive.find_person(email=who) if "@" in who else office.archive.find_person(phone=who)
    if not found:
        raise click.ClickException("Nobody is known by this address or number. Nothing was changed.")
    return found


COMMANDS = (person,)
