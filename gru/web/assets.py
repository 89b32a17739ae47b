"""Under which address is a file of the stylesheet's folder served, so that it can be kept for ever?"""

from hashlib import sha256
from pathlib import Path

from flask import Blueprint, Flask, Response, abort

from gru.web.owners import public

TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".js": "text/javascript; charset=utf-8"}
FOREVER = "public, max-age=31536000, immutable"


class Assets:
    """Every file of `static/`, read once, named with the hash of its content."""

    def __init__(self, folder: Path) -> None:
        self._address: dict[str, str] = {}
        self._content: dict[str, tuple[bytes, str]] = {}
        for path in sorted(folder.iterdir()):
            content = path.read_bytes()
            name = f"{path.stem}.{sha256(content).hexdigest()[:12]}{path.suffix}"
            self._address[path.name] = f"/static/{name}"
            self._content[name] = (content, TYPES[path.suffix])

    def address(self, name: str) -> str:
        return self._address[name]

    def content(self, name: str) -> tuple[bytes, str] | None:
        return self._content.get(name)


def install(app: Flask) -> None:
    assets = Assets(Path(__file__).with_name("static"))
    app.jinja_env.globals["asset"] = assets.address
    pages = Blueprint("assets", __name__)

    @pages.get("/static/<name>")
    @public("the stylesheet and the icon of every page, the login page too")
    def show(name: str) -> Response:
        found = assets.content(name)
        if found is None:
            abort(404)
        return Response(found[0], headers={"Content-Type": found[1], "Cache-Control": FOREVER})

    app.register_blueprint(pages)
