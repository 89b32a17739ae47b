"""Where do the letters lie that the tests read?"""

import os
from pathlib import Path

from tests.servers.needs import Missing

ENV = "GRU_CORPUS"
BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "corpus"


def find_corpus() -> Path:
    place = Path(os.environ.get(ENV) or BESIDE)
    if not place.is_dir():
        raise Missing(f"the corpus of mails and webhooks. Name its directory in {ENV}.")
    return place
