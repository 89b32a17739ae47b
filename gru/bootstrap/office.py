"""What does one process work with, and how is it built from the settings?"""

import os
import secrets
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.message import EmailMessage

from gru.bootstrap.ways import WaysIn, arriving, email_channel, pages_of, sent_folder, token_server, way_out
from gru.channels.base import Channel, Outgoing, RawMessage, Source
from gru.channels.email.channel import EmailChannel
from gru.channels.email.tokens import Tokens
from gru.channels.facebook.channel import FacebookChannel
from gru.channels.facebook.graph import Graph
from gru.channels.facebook.media import MediaCopier
from gru.channels.webform import WebFormChannel
from gru.office.acknowledgement import Acknowledgement
from gru.office.clock import Clock
from gru.office.committee import Committee, CommitteePost, MonthlyReport
from gru.office.correcting import Correcting
from gru.office.cuts import Cuts
from gru.office.delivery import Delivery
from gru.office.desk import Desk
from gru.office.duplicates import Likenesses
from gru.office.erasure import Erasure
from gru.office.figures.weekly import WeeklyCounts
from gru.office.files import FileDoor, scanner_at
from gru.office.filing import Filing
from gru.office.followers import Followers
from gru.office.inspection import Inspection
from gru.office.intake import Intake
from gru.office.letters import Letters
from gru.office.mail_ledger import MailLedger, mail_ledger
from gru.office.media import Media
from gru.office.page_replies import PageReplies, RememberedSends
from gru.office.page_standing import PageStanding
from gru.office.papers import Press
from gru.office.profiles import Profiles
from gru.office.projector import Projector
from gru.office.publishing import Publishing
from gru.office.reactions import Reactions
from gru.office.reception import Reception
from gru.office.recovery import Recovery
from gru.office.replay import Replay
from gru.office.restraint import Restraint
from gru.office.second_code import SecondCode
from gru.office.sent_copies import SentCopies
from gru.office.sequels import Sequels
from gru.office.simulating import Simulating
from gru.office.surveys import SurveyLetters
from gru.office.third_parties import ThirdParties
from gru.office.town_hall import TownBook
from gru.office.vitals import Vitals
from gru.office.way_out import WayOut
from gru.settings import Settings
from gru.storage.access import Access
from gru.storage.archive import Archive
from gru.storage.databases import Databases, open_postgresql, open_sqlite
from gru.storage.drafts import Drafts
from gru.storage.keys import Keys
from gru.storage.log import Log, open_log
from gru.storage.migrations import migrate
from gru.storage.seals import Blocks, Sealer
from gru.storage.simulations import Simulations
from gru.storage.work import Work


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Office:
    """Everything one process works with. `holder` names it in leases."""

    settings: Settings
    now: Callable[[], datetime]
    holder: str
    databases: Databases
    log: Log
    archive: Archive
    keys: Keys
    work: Work
    access: Access
    projector: Projector
    cuts: Cuts
    town: TownBook
    desk: Desk
    intake: Intake
    files: FileDoor
    drafts: Drafts
    filing: Filing
    letters: Letters
    press: Press
    reception: Reception
    delivery: Delivery
    committee: Committee
    reactions: Reactions
    clock: Clock
    weekly_counts: WeeklyCounts
    correcting: Correcting
    erasure: Erasure
    recovery: Recovery
    vitals: Vitals
    second_code: SecondCode
    blocks: Blocks
    sealer: Sealer
    channels: Mapping[str, Channel]
    likenesses: Likenesses
    third_parties: ThirdParties
    media: Media
    sequels: Sequels
    page_replies: PageReplies
    graph: Graph
    simulations: Simulations
    simulating: Simulating
    publishing: Publishing
    tokens: Tokens
    mail: EmailChannel
    ways: WaysIn

    def prepare(self) -> tuple[str, ...]:
        """Make or bring up every table; the projections whose shape has changed and that must be rebuilt."""
        migrate(self.databases)
        return self.projector.prepare()

    def keep(self, message: RawMessage) -> str:
        """Keep a message before it is read; its key. The same message again changes nothing."""
        return self.keep_all([message])[0]

    def keep_all(self, messages: Sequence[RawMessage]) -> list[str]:
        """The same for many at once."""
        return self.archive.keep_all([arriving(message) for message in messages])

    def preview(self, outgoing: Outgoing) -> EmailMessage:
        """The very mail that would leave, composed and not sent."""
        return self.mail.compose(outgoing)

    def today(self) -> date:
        """As the town counts days."""
        now = self.now()
        return now.astimezone(self.town.in_force(now).legal_calendar.zone).date()

    def mail_ledger(self, first: date, last: date) -> MailLedger:
        """What became of every mail fetched from the first day to the last."""
        zone = self.town.in_force(self.now()).legal_calendar.zone
        return mail_ledger(self.log, self.databases.archive, self.databases.views, zone, first, last)

    def replay(self) -> Replay:
        """What today's reading would make of the mails that were kept."""
        return Replay(
            log=self.log, desk=self.desk, archive=self.archive, kept=self.databases.archive, intake=self.intake
        )

    def sources(self) -> list[Source]:
        """The mailboxes to read, and the pages to ask, as set."""
        return self.ways.sources()

    def source_names(self) -> frozenset[str]:
        """As they sign; none while an address cannot be read."""
        try:
            return frozenset(source.name for source in self.sources())
        except ValueError:
            return frozenset()

    def close(self) -> None:
        self.log.close()
        self.databases.close()


@contextmanager
def open_office(settings: Settings, now: Callable[[], datetime] = utc_now) -> Iterator[Office]:
    """An office for the length of a `with`."""
    office = build_office(settings, now)
    try:
        yield office
    finally:
        office.close()


def build_office(settings: Settings, now: Callable[[], datetime] = utc_now) -> Office:
    """An office to be closed by the caller. To be built after a fork, never before."""
    databases = open_databases(settings)
    log = open_log(databases.kind, databases.log_url)
    keys = Keys(databases.keys, settings.master_key, clock=now)
    archive = Archive(databases, keys, settings.secret, clock=now)
    work = Work(databases.work, clock=now)
    access = Access(databases.work, settings.secret, clock=now)
    town = TownBook(log, archive, now)
    desk = Desk(log, town, now)
    letters = Letters(settings.secret, settings.public_url)
    graph = Graph(
        address=settings.facebook_graph_url,
        version=settings.facebook_version,
        standing=PageStanding(work, now),
        now=now,
    )
    tokens = Tokens(token_server(settings))
    mail = email_channel(settings, WayOut(way_out(settings, tokens), work, now), now)
    channels: dict[str, Channel] = {
        "email": mail,
        "facebook": FacebookChannel(
            pages=pages_of(settings),
            app=settings.facebook_app_id,
            graph=graph,
            remembered=RememberedSends(archive),
            now=now,
        ),
        "web": WebFormChannel(),
    }
    page_replies = PageReplies(archive, channels, now)
    sequels = Sequels(log=log, desk=desk, archive=archive, channels=channels, secret=settings.secret, now=now)
    files = FileDoor(scanner_at(settings.clamd))
    media = Media(archive, settings.secret, {"facebook": MediaCopier()}, files.scanner)
    delivery = Delivery(
        log=log,
        desk=desk,
        archive=archive,
        town=town,
        channels=channels,
        page_replies=page_replies,
        letters=letters,
        work=work,
        copies=bool(settings.mail_sent),
        secret=settings.secret,
        mail_address=settings.mail_address,
        now=now,
    )
    sent_copies = SentCopies(
        folder=sent_folder(settings, tokens),
        delivery=delivery,
        compose=mail.compose,
        log=log,
        work=work,
        now=now,
    )
    holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    restraint = Restraint(access=access, town=town, own_address=settings.mail_address, now=now)
    acknowledgement = Acknowledgement(
        desk=desk,
        archive=archive,
        restraint=restraint,
        town=town,
        letters=letters,
        secret=settings.secret,
        now=now,
    )
    followers = Followers(
        desk=desk,
        archive=archive,
        restraint=restraint,
        town=town,
        letters=letters,
        secret=settings.secret,
        now=now,
    )
    third_parties = ThirdParties(
        log=log,
        desk=desk,
        archive=archive,
        restraint=restraint,
        town=town,
        letters=letters,
        secret=settings.secret,
        now=now,
    )
    surveys = SurveyLetters(
        desk=desk,
        archive=archive,
        restraint=restraint,
        town=town,
        letters=letters,
        secret=settings.secret,
        now=now,
    )
    blocks = Blocks(databases.work, settings.secret)
    projector = Projector(log, databases.views, archive, town)
    cuts = Cuts(log, settings.data / "cuts", archive, town)
    committee = Committee(log=log, desk=desk, archive=archive, projector=projector, secret=settings.secret)
    committee_post = CommitteePost(
        desk=desk,
        committee=committee,
        town=town,
        channels=channels,
        secret=settings.secret,
        public_url=settings.public_url,
        now=now,
    )
    profiles = Profiles(archive, graph, {page.id: page for page in pages_of(settings)})
    intake = Intake(
        log=log,
        views=databases.views,
        desk=desk,
        archive=archive,
        work=work,
        town=town,
        channels=channels,
        sequels=sequels,
        media=media,
        profiles=profiles,
        inspection=Inspection(files.scanner, archive),
        secret=settings.secret,
        now=now,
    )
    erasure = Erasure(log=log, desk=desk, archive=archive, keys=keys, projector=projector, databases=databases, now=now)
    simulations = Simulations(databases.work, clock=now)
    simulating = Simulating(
        views=databases.views,
        work=work,
        simulations=simulations,
        town=town,
        projected=lambda: projector.position("later"),
        now=now,
    )
    return Office(
        settings=settings,
        now=now,
        holder=holder,
        databases=databases,
        log=log,
        archive=archive,
        keys=keys,
        work=work,
        access=access,
        projector=projector,
        cuts=cuts,
        town=town,
        desk=desk,
        intake=intake,
        files=files,
        drafts=Drafts(databases.work, settings.secret, clock=now),
        filing=Filing(
            log=log,
            views=databases.views,
            desk=desk,
            archive=archive,
            intake=intake,
            projector=projector,
            now=now,
        ),
        letters=letters,
        press=Press(),
        reception=Reception(
            log=log,
            desk=desk,
            projector=projector,
            views=databases.views,
            town=town,
            secret=settings.secret,
            now=now,
        ),
        delivery=delivery,
        committee=committee,
        reactions=Reactions(
            log=log,
            work=work,
            deeds={
                "acknowledge": acknowledgement.acknowledge,
                "acknowledge_in_full": acknowledgement.acknowledge_in_full,
                "copy_sent": sent_copies.keep,
                "deliver": delivery.deliver,
                "make_cut": lambda case, position, cause: cuts.make(int(position)),
                "post_report": committee_post.post,
                "redact": lambda case, id, cause: archive.redact(id),
                "simulate": simulating.perform,
                "tell_followers": followers.tell,
                "write_third_party": third_parties.write,
                "write_survey": surveys.write,
            },
            given_up={
                "acknowledge": acknowledgement.give_up,
                "acknowledge_in_full": acknowledgement.give_up_in_full,
                "copy_sent": lambda case, reply, cause: None,  # said above the pages; the mail itself has left
                "deliver": delivery.give_up,
                "make_cut": lambda case, position, cause: None,  # who asked for it may ask again
                "post_report": committee_post.give_up,
                "redact": lambda case, id, cause: None,  # it stays among what the operator must mend
                "simulate": simulating.give_up,
                "tell_followers": followers.give_up,
                "write_third_party": third_parties.give_up,
                "write_survey": surveys.give_up,
            },
            now=now,
            holder=holder,
        ),
        clock=Clock(
            desk=desk,
            views=databases.views,
            work=work,
            town=town,
            monthly=MonthlyReport(town=town, secret=settings.secret, now=now),
            now=now,
            holder=holder,
        ),
        weekly_counts=WeeklyCounts(views=databases.views, work=work, town=town, now=now, holder=holder),
        correcting=Correcting(desk=desk, views=databases.views, projector=projector),
        erasure=erasure,
        recovery=Recovery(
            log=log,
            archive=archive,
            keys=keys,
            work=work,
            blocks=blocks,
            desk=desk,
            erasure=erasure,
            projector=projector,
            databases=databases,
            now=now,
        ),
        vitals=Vitals(
            log=log,
            archive=archive,
            work=work,
            projector=projector,
            blocks=blocks,
            access=access,
            views=databases.views,
            now=now,
        ),
        second_code=SecondCode(archive=archive, access=access, channels=channels, secret=settings.secret, now=now),
        blocks=blocks,
        sealer=Sealer(log, blocks),
        channels=channels,
        likenesses=Likenesses(views=databases.views, archive=archive, town=town, now=now),
        third_parties=third_parties,
        media=media,
        sequels=sequels,
        page_replies=page_replies,
        graph=graph,
        simulations=simulations,
        simulating=simulating,
        publishing=Publishing(log=log, archive=archive, town=town, simulations=simulations, now=now),
        tokens=tokens,
        mail=mail,
        ways=WaysIn(settings, town=town, work=work, archive=archive, graph=graph, tokens=tokens, now=now),
    )


def open_databases(settings: Settings) -> Databases:
    if settings.embedded:
        return open_sqlite(settings.data)
    return open_postgresql(settings.database_url, settings.keys_database_url)
