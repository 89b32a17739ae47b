"""What is handed out or posted on paper: receipts, tickets, letters?"""

from gru.office.papers.press import PaperJam, Press
from gru.office.papers.sheets import FilingSheet, LetterSheet, ReceiptSheet, TicketSheet, qr_svg

__all__ = ["FilingSheet", "LetterSheet", "PaperJam", "Press", "ReceiptSheet", "TicketSheet", "qr_svg"]
