"""Which questions does the read side answer?"""

from typing import Any

from projections.acknowledgements import Acknowledgements
from projections.base import Projection
from projections.case_file import CaseFileProjection
from projections.commitments import Commitments
from projections.decisions import DecisionsProjection
from projections.deliveries import Deliveries
from projections.difficulties import Difficulties
from projections.duplicates import Duplicates
from projections.durations import Durations
from projections.inbox import Inbox
from projections.ledger import Ledger
from projections.legal_files import LegalFiles
from projections.letters import LettersProjection
from projections.people import PeopleProjection
from projections.promises import Promises
from projections.queue import Queue
from projections.ratings import Ratings
from projections.reports import ReportsProjection
from projections.rework import Rework
from projections.search import Search
from projections.stages import Stages
from projections.tallies import Tallies
from projections.third_parties import ThirdParties
from projections.threads import Threads
from projections.timeline import Timeline
from projections.visits import Visits
from projections.volumes import Volumes

ALL: tuple[Projection[Any], ...] = (
    Queue(),
    Timeline(),
    CaseFileProjection(),
    Threads(),
    PeopleProjection(),
    Deliveries(),
    Inbox(),
    LettersProjection(),
    Visits(),
    Tallies(),
    Search(),
    Duplicates(),
    Commitments(),
    ThirdParties(),
    Volumes(),
    Ledger(),
    Acknowledgements(),
    Durations(),
    Stages(),
    ReportsProjection(),
    DecisionsProjection(),
    Promises(),
    Difficulties(),
    Ratings(),
    Rework(),
    LegalFiles(),
)
