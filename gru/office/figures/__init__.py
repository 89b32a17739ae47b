"""What do the figures say? One module a question; pages, exports and the committee's report all ask here."""

from gru.office.figures.asked import Asked, Cut, Period, day_seconds

__all__ = ["Asked", "Cut", "Period", "day_seconds"]
