"""Is a picture copied from Meta's hosts only, whole, and as what it is?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gru.channels.base import Medium, TryLater
from gru.channels.facebook.media import MOST_BYTES, MediaCopier, NotCopied, is_metas
from tests.channels.played_hosts import JPEG, Hosts, session_with

PICTURE = "https://scontent.xx.fbcdn.net/v/500100200_n.jpg?oe=6B064120"
ELSEWHERE = "https://mechant.example/a.jpg"


def copied(hosts: Hosts, url: str = PICTURE, name: str = "facebook-1") -> tuple[str, str, int]:
    found = MediaCopier(session_with(hosts)).copy(Medium(url, name))
    return found.name, found.media_type, len(found.content)


def refused(hosts: Hosts, url: str = PICTURE) -> str:
    with pytest.raises(NotCopied) as caught:
        copied(hosts, url)
    return caught.value.reason


def redirect(to: str) -> tuple[int, bytes, dict[str, str]]:
    return 302, b"", {"Location": to}


def test_a_picture_is_copied_under_a_safe_name_with_its_true_type() -> None:
    hosts = Hosts({PICTURE: (200, JPEG, {"Content-Type": "text/html"})})
    assert copied(hosts) == ("facebook-1.jpg", "image/jpeg", len(JPEG))
    assert copied(hosts, name='../a"b<c>%2F\x00d')[0] == "\x00d.jpg".replace("\x00", "")


@pytest.mark.parametrize(
    "url",
    [
        "http://scontent.xx.fbcdn.net/a.jpg",
        "https://fbcdn.net.mechant.example/a.jpg",
        "https://notfbcdn.net/a.jpg",
        "https://scontent.xx.fbcdn.net:8443/a.jpg",
        "https://fbcdn.net@mechant.example/a.jpg",
        "https://mechant.example\\.fbcdn.net/a.jpg",
        "https://127.0.0.1/a.jpg",
        "https://[::1]/a.jpg",
        "https://[fbcdn.net/a.jpg",
        "https://scontent.xx.fbcdn.net:x/a.jpg",
        "file:///etc/passwd",
        "//fbcdn.net/a.jpg",
        "",
    ],
)
def test_another_address_is_never_asked(url: str) -> None:
    hosts = Hosts()
    hosts.others = (200, JPEG, {})
    assert refused(hosts, url) == "host_refused"
    assert hosts.asked == []


@pytest.mark.parametrize(
    "host", ["fbcdn.net", "scontent.xx.fbcdn.net", "cdn.fbsbx.com", "www.facebook.com", "FBCDN.net"]
)
def test_metas_own_hosts_are_known(host: str) -> None:
    assert is_metas(f"https://{host}/a.jpg")


@given(url=st.text(max_size=40) | st.builds("https://{}".format, st.text(max_size=30)))
def test_no_address_stops_the_copier(url: str) -> None:
    assert not is_metas(url) or ".net" in url.lower() or ".com" in url.lower()


def test_a_redirection_is_followed_among_metas_hosts_and_no_further() -> None:
    near = "https://scontent.cdg.fbcdn.net/b.jpg"
    assert copied(Hosts({PICTURE: redirect(near), near: (200, JPEG, {})}))[1] == "image/jpeg"
    leaving = Hosts({PICTURE: redirect(ELSEWHERE), ELSEWHERE: (200, JPEG, {})})
    assert refused(leaving) == "host_refused"
    assert leaving.asked == [PICTURE]
    assert refused(Hosts({PICTURE: redirect(PICTURE)})) == "host_refused"


def test_what_is_too_large_is_not_read_to_its_end() -> None:
    assert refused(Hosts({PICTURE: (200, JPEG + bytes(MOST_BYTES), {})})) == "too_large"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((200, b"<html><script>", {}), "type_refused"),
        ((200, b"MZ\x90", {}), "type_refused"),
        ((200, b"", {}), "empty"),
        ((403, b"URL signature expired", {}), "expired"),
        ((404, b"", {}), "expired"),
    ],
)
def test_what_cannot_be_had_says_why(answer: tuple[int, bytes, dict[str, str]], reason: str) -> None:
    assert refused(Hosts({PICTURE: answer})) == reason


@pytest.mark.parametrize("answers", [{}, {PICTURE: (503, b"", {})}])
def test_a_host_that_is_away_is_asked_again(answers: dict[str, tuple[int, bytes, dict[str, str]]]) -> None:
    with pytest.raises(TryLater):
        copied(Hosts(answers))
