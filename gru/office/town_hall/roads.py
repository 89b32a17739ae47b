"""Which streets does the file of a town name, and what is wrong on which line?"""

import csv
from collections.abc import Collection

from gru.domain.town import Street
from gru.office.town_hall.lines import Faults

FILE = "streets.csv"
COLUMNS = Street.__struct_fields__
_MOST = 50_000


def read_streets(text: str, districts: Collection[str], faults: Faults) -> tuple[Street, ...]:
    """One street a line under the names of the columns; `""` is a town that says nothing of its streets."""
    rows = list(csv.reader(text.splitlines()))
    if not rows:
        return ()
    if tuple(rows[0]) != COLUMNS or len(rows) > _MOST:
        faults.add(
            1, "streets_columns", "{file} must have the columns {columns}.", file=FILE, columns=", ".join(COLUMNS)
        )
        return ()
    found = [_street(row, line, districts, faults) for line, row in enumerate(rows[1:], 2) if row]
    return tuple(street for street in found if street)


def _street(row: list[str], line: int, districts: Collection[str], faults: Faults) -> Street | None:
    try:
        name, district, first, last, *ends = row
        south, west, north, east = (float(end) for end in ends)
        street = Street(name.strip(), district, int(first), int(last), south, west, north, east)
    except ValueError:
        faults.add(line, "streets_line", "This line of {file} is no street.", file=FILE)
        return None
    inside = all(-90 <= end <= 90 for end in (south, north)) and all(-180 <= end <= 180 for end in (west, east))
    if not (street.name and district in districts and 0 <= street.first <= street.last and inside):
        faults.add(line, "streets_line", "This line of {file} is no street.", file=FILE)
        return None
    return street
