"""In which town do the journeys take place? The sample one, adopted, with its agents, on either database."""

import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from gru.bootstrap import Office, open_office
from gru.channels.base import RawMessage
from gru.channels.email.channel import content_digest, external_id
from gru.channels.email.letter import POLICY
from gru.office.reactions import POSITION
from gru.office.town_hall import SAMPLE, adopt, engage, read_agents, read_folder
from gru.settings import Settings, read

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ADDRESS = "demande@val-des-tilleuls.example"


class Watch:
    """The office's clock, which the test moves."""

    def __init__(self, at: datetime = MONDAY) -> None:
        self.at = at

    def __call__(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at

    def pass_(self, **time: float) -> None:
        self.at += timedelta(**time)


@dataclass
class Journey:
    """An office, its clock, and the folder its mail leaves to."""

    office: Office
    watch: Watch
    outbox: Path

    def arrives(self, mail: EmailMessage | bytes) -> str:
        """A mail reaches the town: kept, taken in, reacted to, projected; its key."""
        key = self.office.keep(arrived_mail(mail, self.watch()))
        self.office.intake.attempt(key)
        self.settle()
        return key

    def settle(self) -> None:
        """Everything that is called for now is done."""
        while self.office.reactions.react():
            pass
        while due := self.office.work.due_effects(self.watch(), 100):
            for effect in due:
                self.office.reactions.perform(effect.key)
            while self.office.reactions.react():
                pass
        for group in self.office.projector.groups:
            assert self.office.projector.catch_up(group, seconds=30)

    def sent(self) -> list[EmailMessage]:
        """The mails that left, oldest first."""
        files = sorted((self.outbox / "new").glob("*"), key=lambda path: path.stat().st_mtime_ns)
        return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]


def arrived_mail(mail: EmailMessage | bytes, at: datetime) -> RawMessage:
    """As the mailbox gives it."""
    raw = mail if isinstance(mail, bytes) else bytes(mail)
    return RawMessage("email", ADDRESS, external_id(raw), at, content_digest(raw), raw)


def mail(
    sender: str = "Claire Aubry <claire.aubry@courriel.example>",
    subject: str = "Nid-de-poule rue des Acacias",
    text: str = "Bonjour, un trou s’est formé devant le 14 rue des Acacias.",
    message_id: str = "<m1@courriel.example>",
    **headers: str,
) -> EmailMessage:
    """A resident's mail; `headers` with underscores for hyphens."""
    made = EmailMessage(policy=POLICY)
    made["From"], made["To"], made["Subject"] = sender, headers.pop("to", ADDRESS), subject
    made["Message-ID"] = message_id
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def environment_for(data: Path, database: str = "", keys: str = "", **more: str) -> dict[str, str]:
    return {
        "GRU_DATA": str(data),
        "GRU_DATABASE_URL": database,
        "GRU_KEYS_DATABASE_URL": keys,
        "GRU_SECRET": "ab" * 32,
        "GRU_MASTER_KEY": "cd" * 32,
        "GRU_MAIL_ADDRESS": ADDRESS,
        "GRU_MAIL_AUTHSERV": "mx.val-des-tilleuls.example",
        **more,
    }


def settings_for(data: Path, database: str = "", keys: str = "", **more: str) -> Settings:
    return read(environment_for(data, database, keys, **more))


def found_town(settings: Settings) -> None:
    """A town that has adopted the sample catalogue a year ago and engaged its agents."""
    with open_office(settings, Watch()) as office:
        office.prepare()
        began = MONDAY - timedelta(days=365)
        adopt(office.log, office.archive, read_folder(SAMPLE), began, by="system:operator", at=began)
        for new in read_agents((SAMPLE / "agents.yaml").read_text("utf-8")):
            engage(office.log, office.archive, new, by="system:operator", at=began)
        office.work.start(POSITION, office.log.head())


@contextmanager
def open_journey(settings: Settings) -> Iterator[Journey]:
    """The office of a town that was founded."""
    watch = Watch()
    with open_office(settings, watch) as office:
        yield Journey(office, watch, settings.data / "outbox")
