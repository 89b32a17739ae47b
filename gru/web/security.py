"""What does every answer tell the browser it may not do?"""

from ipaddress import IPv6Address, IPv6Network, ip_address

from flask import Flask, Response, request

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; connect-src 'self'"
)
DOWNLOAD_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"

PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
"""For a picture the town draws itself, whose colours follow those of the page."""

_NOT_ALLOWED = "camera=(), microphone=(), geolocation={}, payment=()"
WITH_POSITION = _NOT_ALLOWED.format("(self)")
"""For the one page on which a resident may give his own."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": _NOT_ALLOWED.format("()"),
}


def install(app: Flask, *, https: bool) -> None:
    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        if https:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response


def client_address() -> str:
    """Who is asking, as far as the believed proxies say; for throttling only, never stored in clear.

    Whoever has one IPv6 address has the 2^64 beside it: they count as one.
    """
    written = request.remote_addr or ""
    try:
        address = ip_address(written.partition("%")[0])
    except ValueError:
        return written
    if not isinstance(address, IPv6Address):
        return written
    return str(address.ipv4_mapped or IPv6Network((int(address), 64), strict=False))


def from_here(subject: str) -> str:
    """This account or number as tried from this address: a stranger's tries do not lock its owner out."""
    return f"{client_address()} {subject.strip()}"
