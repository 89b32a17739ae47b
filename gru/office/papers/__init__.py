"""What is handed out or posted on paper: receipts, tickets, letters?"""

from gru.office.papers.press import PaperJam, Press
from gru.office.papers.sheets import LetterSheet, ReceiptSheet, TicketSheet

__all__ = ["LetterSheet", "PaperJam", "Press", "ReceiptSheet", "TicketSheet"]
