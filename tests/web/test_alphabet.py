"""In which order do names stand on a page?"""

from gru.web.i18n import alphabetical


def test_accents_and_capitals_do_not_put_a_name_behind_the_others() -> None:
    names = ["Voirie", "Éducation", "espaces verts", "État civil", "Espaces publics", "Œuvres", "Droit"]
    ordered = ["Droit", "Éducation", "Espaces publics", "espaces verts", "État civil", "Œuvres", "Voirie"]
    assert sorted(names, key=alphabetical) == ordered
