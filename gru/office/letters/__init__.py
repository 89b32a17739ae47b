"""What does the letter say, word for word?"""

from gru.office.letters.drafting import draft, first_hole, problem_with_draft
from gru.office.letters.facts import (
    Answer,
    Asked,
    CaseFacts,
    Closing,
    Item,
    Lateness,
    News,
    Reminder,
    ReportNote,
    Supplement,
    Ticket,
    Transfer,
)
from gru.office.letters.filling import Letter, UnfilledField, letter, problem_with, split_subject
from gru.office.letters.rewriting import words_kept
from gru.office.letters.writing import Letters

__all__ = [
    "Answer",
    "Asked",
    "CaseFacts",
    "Closing",
    "Item",
    "Lateness",
    "Letter",
    "Letters",
    "News",
    "Reminder",
    "ReportNote",
    "Supplement",
    "Ticket",
    "Transfer",
    "UnfilledField",
    "draft",
    "first_hole",
    "letter",
    "problem_with",
    "problem_with_draft",
    "split_subject",
    "words_kept",
]
