"""Of all the mails of a corpus of real ones, is there one that nothing explains?"""

from pathlib import Path

import pytest

from tests.journeys.post import key_of, put_into_imap
from tests.journeys.running import Running
from tests.servers import Mailbox

pytestmark = pytest.mark.timeout(500)


@pytest.mark.parametrize("town_settings", ["sqlite", pytest.param("postgresql", marks=pytest.mark.full)], indirect=True)
def test_every_mail_of_the_corpus_fetched_over_imap_is_explained(
    imap_town: Running, imap_server: Mailbox, corpus: Path
) -> None:
    town, raws = imap_town, [path.read_bytes() for path in sorted(corpus.glob("*/*.eml"))]
    assert len(raws) > 200
    put_into_imap(imap_server, raws)
    fetched = town.gru("mail", "fetch", "--once")
    assert fetched.returncode == 0, fetched.stderr
    waiting = town.gru("mail", "ledger")
    assert waiting.returncode == 0, waiting.stderr

    settled = imap_server.messages("Traites")
    different = {key_of(town.office.settings.secret, raw) for raw in settled}
    assert (len(settled), imap_server.messages()) == (len(raws), [])
    town.start("worker", "projector")
    town.settle(len(different))
    town.stop_all()

    said = town.gru("mail", "ledger")
    assert (said.returncode, said.stderr) == (0, "")
    heads, *days, total, verdict = (line.split("\t") for line in said.stdout.splitlines())
    print(f"\n{dict(zip(heads, total, strict=True))}")
    sums = dict(zip(heads[2:], (int(cell) for cell in total[2:]), strict=True))
    assert (sums.pop("fetched"), sums.pop("difference")) == (len(different), 0)
    assert sum(sums.values()) == len(different)
    assert (sums["waiting"], sums["erased"]) == (0, 0)
    assert all(sums[outcome] > 0 for outcome in ("opened", "bounce", "automatic", "to_link", "set_aside"))
    assert sum(int(day[2]) for day in days) == len(different)
    assert verdict == ["Every mail is explained."]
