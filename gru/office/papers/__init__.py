"""What does the town hand out on paper?"""

from gru.office.papers.receipt import Receipt, receipt_pdf
from gru.office.papers.typesetting import NotTypeset

__all__ = ["NotTypeset", "Receipt", "receipt_pdf"]
