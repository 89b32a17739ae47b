"""What is handed out or posted on paper, or taken away as a file: receipts, tickets, letters, documents of reports?"""

from gru.office.papers.documents import (
    Cell,
    Chapter,
    Document,
    Grid,
    KeyFigure,
    PaperWords,
    Part,
    Picture,
)
from gru.office.papers.pictures import Ink
from gru.office.papers.press import PaperJam, Press
from gru.office.papers.sheets import FilingSheet, LetterSheet, ReceiptSheet, TicketSheet, qr_svg
from gru.office.papers.tables import as_csv, as_xlsx

__all__ = [
    "Cell",
    "Chapter",
    "Document",
    "FilingSheet",
    "Grid",
    "Ink",
    "KeyFigure",
    "LetterSheet",
    "PaperJam",
    "PaperWords",
    "Part",
    "Picture",
    "Press",
    "ReceiptSheet",
    "TicketSheet",
    "as_csv",
    "as_xlsx",
    "qr_svg",
]
