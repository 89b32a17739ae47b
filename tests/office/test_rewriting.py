"""Is it seen how much of a template an agent kept?"""

import pytest

from gru.office.letters import words_kept

DRAFT = "Bonjour,\n\nVotre demande est traitée par le service. [à compléter : la date]\n\nCordialement"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (DRAFT.replace("[à compléter : la date]", "Jeudi."), 100),
        (DRAFT, 100),
        ("Cordialement, le service : votre demande est traitée par. BONJOUR", 100),
        ("Bonjour, l’équipe passe jeudi. Cordialement", 22),
        ("Rien de tout cela", 0),
        ("", 0),
    ],
)
def test_the_share_of_the_words_that_are_left(sent: str, kept: int) -> None:
    assert words_kept(DRAFT, sent) == kept


def test_a_template_that_is_nothing_but_holes_says_nothing() -> None:
    assert words_kept("[à compléter : votre réponse]", "Bonjour") is None
