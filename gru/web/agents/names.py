"""Who and what stands behind the ids of a case: agents, people, texts, files, codes of the town?

Everything a page names is looked up at once, in one call.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec

from gru.domain import events as e
from gru.domain.rights import Agent
from gru.domain.town import Town
from gru.storage.archive import Archive
from gru.storage.named import FileName
from gru.storage.people import Person
from gru.web.i18n import t
from gru.web.pages import FileLink, file_size

_WORDS = ("title", "text", "place", "explanation")


@dataclass(frozen=True, slots=True)
class Names:
    """`texts` and `files` hold `None` for what was erased; `erased_at` says when, by id of a text or person."""

    town: Town
    agents: dict[str, Agent]
    people: dict[str, Person | None]
    texts: dict[str, str | None]
    files: dict[str, FileName | None]
    erased_at: dict[str, datetime]

    def agent(self, id: str) -> str:
        known = self.agents.get(id)
        return known.name if known and known.name else t("fil.agent_inconnu")

    def department(self, code: str) -> str:
        known = self.town.departments.get(code)
        return known.name if known else code

    def department_of(self, agent: str) -> str:
        known = self.agents.get(agent)
        return self.department(known.departments[0]) if known and known.departments else ""

    def person(self, id: str) -> str:
        known = self.people.get(id)
        return known.name or known.email or known.phone if known else ""

    def text(self, ref: e.TextRef | None) -> str:
        return (self.texts.get(ref.id) or "") if ref else ""

    def is_gone(self, ref: e.TextRef | None) -> bool:
        return ref is not None and self.texts.get(ref.id) is None

    def links(self, base: str, refs: Iterable[e.FileRef]) -> tuple[FileLink, ...]:
        """The files that can still be read, under `base`."""
        return tuple(
            FileLink(f"{base}/pieces/{ref.id}", known.name, file_size(known.size))
            for ref in refs
            if (known := self.files.get(ref.id))
        )

    def type(self, code: str) -> str:
        known = self.town.types.get(code)
        return known.label if known else t("dossier.type_inconnu")


def names_for(history: Iterable[e.Recorded], town: Town, agents: dict[str, Agent], archive: Archive) -> Names:
    """Look up what these facts name."""
    facts = list(history)
    texts = {ref.id for recorded in facts for ref in texts_of(recorded.event)}
    files = {ref.id for recorded in facts for ref in files_of(recorded.event)}
    people = {id for recorded in facts for id in people_of(recorded.event)}
    found = archive.look_up(texts=texts, people=people, files=files)
    return Names(
        town=town,
        agents=agents,
        people=found.people,
        texts=found.texts,
        files=found.files,
        erased_at=_erased(facts),
    )


def texts_of(event: e.Event) -> Iterator[e.TextRef]:
    for name in _WORDS:
        ref = getattr(event, name, None)
        if isinstance(ref, e.TextRef):
            yield ref


def files_of(event: e.Event) -> Iterator[e.FileRef]:
    refs = getattr(event, "files", ())
    yield from refs


def people_of(event: e.Event) -> Iterator[str]:
    match event:
        case e.CaseOpened(requester=person) | e.MessageReceived(author=person) | e.ReplyWritten(to=person):
            yield from (person,) if person else ()
        case e.CaseAbsorbed(requester=person) | e.ThirdPartyAsked(to=person):
            yield from (person,) if person else ()
        case e.RequesterIdentified(person=person) | e.CaseFollowed(person=person):
            yield person


def _erased(facts: Iterable[e.Recorded]) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for recorded in facts:
        match recorded.event:
            case e.PersonErased(person=person):
                found[person] = recorded.at
            case e.TextRedacted(id=id):
                found[id] = recorded.at
    return found


def raw_json(event: e.Event) -> str:
    """The stored fields of a fact, for the proof page."""
    return msgspec.json.format(msgspec.json.encode(event), indent=2).decode()
