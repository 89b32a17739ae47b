"""What are all pictures made of? A canvas, its strokes and words, and axes with round numbers.

No inline style: the policy of the pages forbids it. Every hue is a class of the stylesheet, so that dark follows.
"""

from collections.abc import Sequence
from math import floor, log10
from zlib import crc32

from markupsafe import Markup

from gru.web.i18n import THIN

WIDTH = 720
LETTER = 5.9
"""How wide a letter is on average, to keep words apart."""

_HATCH = "hatch-of-this-picture"


class Canvas:
    """Collects what is drawn; its hatching bears a name of its own, so that many pictures stand on one page."""

    def __init__(self, title: str, finding: str, width: int = WIDTH) -> None:
        self.title, self.finding, self.width = title, finding, width
        self._body: list[Markup] = []

    def text(self, x: float, y: float, said: str, anchor: str = "start", css: str = "") -> None:
        if said:
            named = Markup(' class="{}"').format(css) if css else Markup("")
            words = Markup('<text x="{}" y="{}" text-anchor="{}"{}>{}</text>')
            self._body.append(words.format(n(x), n(y), anchor, named, said))

    def rect(self, x: float, y: float, width: float, height: float, css: str, hatched: bool = False) -> None:
        drawn = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>')
        self._body.append(drawn.format(css, n(x), n(y), n(width), n(height)))
        if hatched:
            over = Markup('<rect fill="url(#{})" x="{}" y="{}" width="{}" height="{}"/>')
            self._body.append(over.format(_HATCH, n(x), n(y), n(width), n(height)))

    def path(self, css: str, drawn: str, hatched: bool = False) -> None:
        self._body.append(Markup('<path class="{}" d="{}"/>').format(css, drawn))
        if hatched:
            self._body.append(Markup('<path fill="url(#{})" d="{}"/>').format(_HATCH, drawn))

    def dot(self, x: float, y: float, css: str, radius: float = 3.5) -> None:
        self._body.append(Markup('<circle class="{}" cx="{}" cy="{}" r="{}"/>').format(css, n(x), n(y), n(radius)))

    def diamond(self, x: float, y: float, css: str, radius: float = 6) -> None:
        self.path(css, f"M{n(x)} {n(y - radius)}L{n(x + radius)} {n(y)}L{n(x)} {n(y + radius)}L{n(x - radius)} {n(y)}Z")

    def drawn(self, height: float) -> Markup:
        """The whole picture."""
        head = Markup('<svg class="chart" viewBox="0 0 {} {}" role="img"><title>{}. {}</title>').format(
            self.width, n(height), self.title, self.finding
        )
        body = Markup("").join(self._body)
        if _HATCH not in body:
            return head + body + Markup("</svg>")
        defined = Markup(
            '<defs><pattern id="{}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
            '<path class="hatched" d="M0 0V6"/></pattern></defs>'
        ).format(_HATCH)
        whole = head + defined + body + Markup("</svg>")
        return whole.replace(_HATCH, f"h{crc32(whole.encode()):08x}")


class Scale:
    """From numbers to places on the picture, both ends given."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high, self.start = low, high if high > low else low + 1, start
        self._factor = (end - start) / (self.high - low)

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) * self._factor


def ticks(highest: float, wished: int = 4) -> tuple[float, ...]:
    """Round numbers from 0 to the first that is not under `highest`."""
    if highest <= 0:
        return (0.0, 1.0)
    rough = highest / wished
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    if step < 1 and highest >= 1 and float(highest).is_integer():
        step = 1.0
    count = -int(-highest * 0.9999 // step)
    return tuple(round(step * number, 9) for number in range(count + 1))


def levels(canvas: Canvas, place: Scale, marks: Sequence[float], left: float, right: float, unit: str = "") -> None:
    """Horizontal lines with their numbers; that of 0 is the axis."""
    for mark in marks:
        y = place(mark)
        canvas.path("axis" if mark == 0 else "grid", f"M{n(left)} {n(y)}H{n(right)}")
        canvas.text(left - 8, y + 4, f"{written(mark)}{unit}", anchor="end")


def apart(wanted: Sequence[float], least: float, top: float, bottom: float) -> list[float]:
    """Heights near those wanted, `least` from one another: for words written at the end of lines."""
    order = sorted(range(len(wanted)), key=lambda number: wanted[number])
    placed = [0.0] * len(wanted)
    below = top - least
    for number in order:
        below = placed[number] = max(wanted[number], below + least)
    limit = bottom + least
    for number in reversed(order):
        limit = placed[number] = min(placed[number], limit - least)
    return placed


def margin(names: Sequence[str], least: float, most: float) -> float:
    """How much room the names at the left need, within bounds."""
    return min(most, max(least, max((len(name) for name in names), default=0) * LETTER + 14))


def shortened(name: str, room: float) -> str:
    """A name that does not fit ends in an ellipsis; the table has it whole."""
    letters = int((room - 14) / LETTER)
    return name if len(name) <= letters else f"{name[: letters - 1].rstrip()}…"


def written(value: float) -> str:
    """A number of an axis, as French writes it: « 2 500 », « 0,5 »."""
    whole = float(value).is_integer()
    return f"{value:,.0f}".replace(",", THIN) if whole else f"{value:.3g}".replace(".", ",")


def n(value: float) -> str:
    """A coordinate."""
    return f"{value:.1f}".rstrip("0").rstrip(".") if value else "0"
