"""How does the sample town begin: its catalogue adopted, its agents engaged, before the year that is invented?"""

import random
from datetime import datetime, timedelta

from gru.bootstrap import Office
from gru.office.town_hall import SAMPLE, adopt, engage, read_agents, read_folder

BY = "system:operator"
BEFORE = timedelta(days=400)


def found(office: Office, until: datetime, seed: int) -> dict[str, str]:
    """The agents, each by his address; the same seed gives them the same ids."""
    began = until - BEFORE
    adopt(office.log, office.archive, read_folder(SAMPLE), began, by=BY, at=began)
    chance = random.Random(seed)
    agents = {}
    for new in read_agents((SAMPLE / "agents.yaml").read_text("utf-8")):
        wished = f"{chance.getrandbits(128):032x}"
        agents[new.email], _ = engage(office.log, office.archive, new, by=BY, at=began, agent=wished)
    office.town.refresh()
    return agents
