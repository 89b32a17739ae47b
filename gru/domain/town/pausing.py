"""Which waits stop the town's clock?

That is for the town to say, and what it says binds the cases received under it. The law's clock knows one pause only,
the wait for an indispensable document of the resident (CRPA L114-5), whatever the town says.
"""

from typing import Literal, assert_never, get_args

from gru.domain.events import Party

PauseRule = Literal["indispensable", "resident", "none"]
"""The wait for an indispensable document of the resident, any wait on the resident, no wait at all."""
PAUSE_RULES: tuple[PauseRule, ...] = get_args(PauseRule)


def stops(rule: PauseRule, party: Party, indispensable: bool) -> bool:
    """Does a wait on this party stop the town's clock?"""
    match rule:
        case "indispensable":
            return party == "resident" and indispensable
        case "resident":
            return party == "resident"
        case "none":
            return False
        case _:
            assert_never(rule)
