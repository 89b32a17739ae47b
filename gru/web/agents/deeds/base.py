"""What is an action on a case made of: its form, when it is offered, and the commands it becomes?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from gru.domain import difficulty
from gru.domain import events as e
from gru.domain.case import Case, CaseCommand, PairCommand, replay
from gru.domain.references import NUMBER
from gru.domain.rights import Act, may
from gru.web import current
from gru.web.agents.sheet import Sheet
from gru.web.forms import Acting, Choices, Field, FieldError
from gru.web.i18n import alphabetical, t
from gru.web.uploads import Upload

Values = dict[str, Any]
UNDO = timedelta(seconds=10)
"""How long a person's click may be taken back."""


@dataclass(frozen=True)
class Wish:
    """What was asked, ready to become commands: the case, the form's values, the files that came with it."""

    sheet: Sheet
    values: Values
    uploads: tuple[Upload, ...] = ()

    @property
    def key(self) -> str:
        return str(self.values["cle"])

    @property
    def person(self) -> str:
        """Under whose key words are kept: the requester's, or the case's alone once he was erased."""
        case = self.sheet.latest
        return "" if case.requester in case.erased else case.requester

    @property
    def case_seen(self) -> Case:
        """The case as the page showed it on which he asked."""
        seen, latest = self.values["version"], self.sheet.latest
        return replay(one for one in self.sheet.history if seen is None or one.version <= seen) or latest

    @property
    def endings_since(self) -> list[e.Recorded]:
        """How the case was closed since that page."""
        seen, ended = self.values["version"], (e.CaseClosed, e.CaseMerged)
        return [one for one in self.sheet.history if isinstance(one.event, ended) and seen and one.version > seen]

    def is_his(self, recorded: Sequence[e.Recorded]) -> bool:
        return all(one.by == f"agent:{self.sheet.agent.id}" for one in recorded)

    def text(self, name: str = "texte") -> e.TextRef | None:
        """The words, kept under the requester's key; nothing when nothing was written."""
        words, case_id = str(self.values.get(name) or ""), self.sheet.latest.id
        return current.office().archive.write_text(words, person=self.person, case=case_id) if words else None

    def words(self, name: str = "texte") -> e.TextRef:
        ref = self.text(name)
        if ref is None:
            raise LookupError(f"the form lets {name} be empty")
        return ref

    def files(self) -> tuple[e.FileRef, ...]:
        case_id, archive = self.sheet.latest.id, current.office().archive
        return tuple(
            archive.put_file(one.name, one.media_type, one.content, person=self.person, case=case_id)
            for one in self.uploads
        )

    def day_end(self, name: str) -> datetime | None:
        """The last minute of the day that was chosen, in the town's time."""
        day = self.values.get(name)
        zone = self.sheet.french.zone
        return datetime.combine(day + timedelta(days=1), time(0), zone) if day else None


def always(case: Case) -> bool:
    return True


def still_open(case: Case) -> bool:
    return case.status != "closed"


def closed(case: Case) -> bool:
    return case.status == "closed"


def _no_fields(sheet: Sheet) -> tuple[Field, ...]:
    return ()


def _fine(sheet: Sheet, values: Values) -> tuple[FieldError, ...]:
    return ()


@dataclass(frozen=True)
class Deed:
    """`title`, `button`, `done` are keys of the copy; `check` says what only the town can know to be wrong."""

    slug: str
    title: str
    button: str
    done: str
    icon: str
    schema: type[Acting]
    commands: Callable[[Wish], Sequence[CaseCommand | PairCommand | difficulty.Command]]
    fields: Callable[[Sheet], tuple[Field, ...]] = _no_fields
    when: Callable[[Case], bool] = still_open
    check: Callable[[Sheet, Values], tuple[FieldError, ...]] = _fine
    act: Act = "handle"
    text: str = ""
    files: bool = False
    menu: str = ""
    beside: tuple[tuple[str, str], ...] = ()
    """Ends of the addresses of other buttons, with the keys of their words."""

    def focus(self, sheet: Sheet) -> str:
        """The field an error leads to when the town refuses the whole wish."""
        fields = [field.name for field in self.fields(sheet)]
        return fields[0] if fields else "contenu"


def pairs(table: dict[str, str]) -> Choices:
    return tuple((code, t(key)) for code, key in table.items())


PLEASE = ("", t("commun.choisir"))


def pieces() -> Field:
    return Field("pieces", t("dossier.joindre"), "file", hint=t("dossier.joindre_aide"), optional=True)


def other_case(sheet: Sheet, ref: str) -> Case | None:
    """Another case this agent sees, by its number."""
    office = current.office()
    number = NUMBER.fullmatch(ref.strip())
    case_id = office.desk.case_numbered(number[1]) if number else ""
    case = office.desk.case(case_id) if case_id and case_id != sheet.latest.id else None
    return case if case is not None and may(sheet.agent, "see", case) else None


def departments() -> Choices:
    known = current.town().departments.values()
    return tuple((one.code, one.name) for one in sorted(known, key=lambda one: alphabetical(one.name)))
