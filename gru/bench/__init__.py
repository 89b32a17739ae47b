"""What does the work cost, beside the plainest program that could do something like it?

`towns` where it is measured, `meter` with what, `mails`, `pages`, `replies`, `folds`, `burst`, `simulator`,
`committee`, `weekly`, `memory` and `disk` what is measured, `bare` what beside, `figures` what follows, `musts` what
must hold, `report` how it is told, `run` in which order it is done.

Processor time, for the machine does other things too; where several processes work together (a rebuild, a burst, the
report's PDF) also the clock on the wall. Ratios are taken pair by pair, in turns, and told as the median of all pairs.
"""

PARTS = ("pages", "replies", "mails", "live", "rebuild", "disk", "simulator", "report", "burst", "memory")
