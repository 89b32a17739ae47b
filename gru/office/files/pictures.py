"""What does this picture look like, written anew without anything else it carried?

Turned as its camera meant it, then without EXIF, position, thumbnail or colour profile, at most 2,560 pixels wide or
high. What a picture claims to be is read before it is opened: a bomb is refused unopened. Two at a time, so that the
memory of a process stays bounded whoever sends what.
"""

import threading
import warnings
from io import BytesIO

import pi_heif
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

LONGEST_SIDE = 2560
QUALITY = 85
MOST_PIXELS = {
    "image/jpeg": 64_000_000,
    "image/heic": 50_000_000,
    "image/png": 25_000_000,
    "image/webp": 25_000_000,
    "image/gif": 20_000_000,
}
"""Telephones take up to 50 million; the others are screenshots and drawings."""

MOST_SIDE = 20_000

_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP", "image/heic": "HEIF"}
_AT_ONCE = threading.BoundedSemaphore(2)

pi_heif.register_heif_opener(thumbnails=False)


class BadPicture(Exception):
    """`reason`: too_many_pixels or damaged."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def rewritten(content: bytes, media_type: str) -> bytes:
    """A new JPEG that shows the same. Raises `BadPicture`."""
    with _AT_ONCE, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(BytesIO(content), formats=[_FORMATS[media_type]]) as picture:
                _refuse_bomb(picture, media_type)
                return _jpeg(picture)
        except BadPicture:
            raise
        except Image.DecompressionBombError as error:
            raise BadPicture("too_many_pixels") from error
        except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError,
                RuntimeError, MemoryError, OverflowError, ZeroDivisionError) as error:  # fmt: skip
            # What decoders raise at hostile bytes is not one family; none of it says more than: it cannot be shown.
            raise BadPicture("damaged") from error


def _refuse_bomb(picture: ImageFile.ImageFile, media_type: str) -> None:
    width, height = picture.size
    if width * height > MOST_PIXELS[media_type] or max(width, height) > MOST_SIDE:
        raise BadPicture("too_many_pixels")


def _jpeg(picture: ImageFile.ImageFile) -> bytes:
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    small: Image.Image = picture
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    small = ImageOps.exif_transpose(small)
    if small.mode != "RGB":
        small = _on_white(small)
    bare = Image.new("RGB", small.size)
    bare.paste(small)
    out = BytesIO()
    bare.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    """What shines through becomes paper."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    clear = picture.convert("RGBA")
    paper = Image.new("RGB", clear.size, "white")
    paper.paste(clear, mask=clear.getchannel("A"))
    return paper
