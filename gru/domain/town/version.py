"""What does one version of the town say?"""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec.structs import replace

from gru.domain.clocks import Amount, Calendar, Pause
from gru.domain.events import Channel, CommitmentKind, Regime
from gru.domain.rights import Role
from gru.domain.town import promises as rules
from gru.domain.town import squares
from gru.domain.town.answers import ReplyTemplate
from gru.domain.town.law import Appeal, LegalRule, Links, Privacy, RegimeRule
from gru.domain.town.pausing import PauseRule
from gru.domain.town.places import Body, Department, District, Mailbox, Priority, Site
from gru.domain.town.promises import LegalDate, Promise
from gru.domain.town.request_types import Document, Field, RequestType, Targets, Urgent
from gru.domain.town.squares import Address
from gru.domain.town.streets import Street
from gru.domain.town.surveys import Surveys


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """The content a town adopts, everything concluded: public holidays stand in the calendars, templates as texts.

    Stored for ever and read by later programs: a new field needs a default.
    """

    name: str
    population: int
    timezone: str
    holiday_zone: str
    address: str
    phone: str
    emergency_phone: str
    email: str
    reception: str
    """The department that owns what nobody has qualified yet."""
    virtual_site: str
    """The site at which electronic messages are received."""
    links: Links
    calendars: dict[str, Calendar]
    departments: dict[str, Department]
    sites: dict[str, Site]
    districts: dict[str, District]
    bodies: dict[str, Body]
    fields: dict[str, Field]
    documents: dict[str, Document]
    types: dict[str, RequestType]
    priorities: dict[str, Priority]
    roles: dict[str, Role]
    mailboxes: dict[str, Mailbox]
    default_targets: Targets
    default_urgent: Urgent
    channel_targets: dict[str, Targets]
    legal: dict[str, LegalRule]
    """By clock: `receipt` and `acknowledgement`."""
    silence_channels: tuple[Channel, ...]
    regimes: dict[str, RegimeRule]
    appeal: Appeal
    privacy: Privacy
    letters: dict[str, str]
    """Which template serves which use; for the acknowledgement, one for each regime: `acknowledgement/rejection`."""
    templates: dict[str, str]
    replies: dict[str, ReplyTemplate] = {}
    """With which texts agents may begin a reply."""
    streets: tuple[Street, ...] = ()
    """The town's own address file; empty: places are kept as residents write them."""
    committee: tuple[str, ...] = ()
    """Who reads the monthly report, by mail address; empty: none is begun by itself."""
    surveys: Surveys = Surveys()
    pauses: PauseRule = "indispensable"
    """Which waits stop the town's clock; the law's knows its own only."""


class Town(Catalogue, frozen=True, kw_only=True):
    """One adopted version, in force from `valid_from` until the next; `digest` names its content in the archive.

    `days_of` is the later version whose days its calendars count, 0 while they count their own.
    """

    number: int
    valid_from: datetime
    digest: str = ""
    days_of: int = 0

    def promises(
        self, type_code: str, department: str, channel: Channel, received_at: datetime, danger: bool = False
    ) -> tuple[Promise, ...]:
        """What is promised for a request of this type (`""`: not known yet); where several rules apply, the strictest.

        Town targets end with the service's closing. `danger` adds `make_safe` and hastens the first response.
        """
        return rules.promises(self, type_code, department, channel, received_at, danger)

    def with_days_of(self, right: "Town") -> "Town":
        """This version, counting the holidays, closures and special days of another: hours and rules stay its own."""
        calendars = {
            code: replace(
                own, closed=right.calendars[code].closed, exceptions=right.calendars[code].exceptions,
                holidays=right.calendars[code].holidays,
            )
            if code in right.calendars
            else own
            for code, own in self.calendars.items()
        }  # fmt: skip
        return replace(self, calendars=calendars, days_of=right.number)

    def promised(self, kind: CommitmentKind, rule: str, calendar: str, start: datetime) -> Promise:
        """The promise this rule makes for what began at `start`, in this calendar."""
        return rules.promised(self, kind, rule, calendar, start)

    def amount(self, rule: str) -> Amount:
        """The length of time behind the `rule` of a promise."""
        return rules.amount(self, rule)

    def moved(self, promise: Promise, pauses: Iterable[Pause]) -> Promise:
        """The promise as first made, moved by every pause that stops the clock and has ended."""
        return rules.moved(self, promise, tuple(pauses))

    def legal_dates(self, type_code: str, channel: Channel, received_at: datetime) -> tuple[LegalDate, ...]:
        """What the law counts from reception: the receipt, the acknowledgement, silence; each to local midnight."""
        return rules.legal_dates(self, type_code, channel, received_at)

    def silence_delay(self, type_code: str) -> Amount | None:
        """After which delay silence decides for this type; `None` when it decides nothing."""
        kind = rules.type_of(self, type_code)
        return rules.silence_delay(self, kind) if kind else None

    def calendar_of(self, department: str) -> Calendar:
        """The opening hours of a department."""
        return rules.calendar_of(self, department)

    @property
    def legal_calendar(self) -> Calendar:
        """The one to say legal days with: public holidays and the time zone are the town's, not a department's."""
        return self.calendar_of(self.reception)

    def template(self, use: str, regime: Regime = "none") -> str:
        """The template for a use (a reply kind, `counter_receipt`, `survey`…); acknowledgements differ by regime."""
        return self.letters[f"acknowledgement/{regime}" if use == "acknowledgement" else use]

    def replies_for(self, type_code: str, channel: Channel) -> tuple[ReplyTemplate, ...]:
        """The ready replies for a case of this type that is answered over this channel."""
        return tuple(one for one in self.replies.values() if one.serves(type_code, channel))

    def locate(self, words: str) -> Address | None:
        """The first address of the town that these words name."""
        return squares.address_in(self.streets, words)

    def cell(self, words: str) -> str:
        """The square of some 100 m in which the address these words name lies, `""` when nobody can say."""
        found = self.locate(words)
        return squares.cell_of(found.point) if found and found.point else ""

    def type_by_slug(self, slug: str) -> RequestType | None:
        """The type whose page has this address."""
        return next((kind for kind in self.types.values() if kind.slug == slug), None)


def town_of(catalogue: Catalogue, number: int, valid_from: datetime, digest: str = "") -> Town:
    """The version of the town that this content makes."""
    return Town(**msgspec.structs.asdict(catalogue), number=number, valid_from=valid_from, digest=digest)
