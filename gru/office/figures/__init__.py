"""What do the figures say? One module a question; pages, exports and the committee's report all ask here.

`asked` is what can be asked, `weekly` which counts are kept. Time: `delays`, `answers`, `stages`, `kept`. Work:
`volume`, `flow`, `process`, `returns`, `outlook`, `bulk`. People: `equity`, `opinions`, `difficulties`. The report:
`committee` puts it together with what stands `beside`, `named` are the figures its text may name, `effects` what a
decision changed.
"""

from gru.office.figures.asked import Asked, Cut, Period, day_seconds

__all__ = ["Asked", "Cut", "Period", "day_seconds"]
