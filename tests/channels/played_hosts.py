"""What do the hosts of pictures answer in a test? Whatever it says, without any network."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

JPEG = b"\xff\xd8\xff\xe0" + bytes(400)


class Hosts(BaseAdapter):
    """`answers` by address; what is not there is away. `asked` are the addresses that were asked for."""

    def __init__(self, answers: Mapping[str, tuple[int, bytes, dict[str, str]]] | None = None) -> None:
        super().__init__()
        self.answers = dict(answers or {})
        self.others: tuple[int, bytes, dict[str, str]] | None = None
        self.asked: list[str] = []

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        url = str(request.url)
        self.asked.append(url)
        found = self.answers.get(url, self.others)
        if found is None:
            raise requests.ConnectionError("nobody is there")
        status, body, headers = found
        response = requests.Response()
        response.status_code, response.url, response.request = status, url, request
        response.headers.update(headers)
        response.raw = HTTPResponse(body=BytesIO(body), headers=headers, status=status, preload_content=False)
        return response

    def close(self) -> None:
        """Nothing is held open."""


def session_with(hosts: Hosts) -> Callable[[], requests.Session]:
    def session() -> requests.Session:
        made = requests.Session()
        made.mount("https://", hosts)
        made.mount("http://", hosts)
        return made

    return session
