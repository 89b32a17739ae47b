"""What does the town's own address file say of its streets?"""

import csv
from collections.abc import Mapping
from io import StringIO

from gru.domain.town import District, Street
from gru.office.town_hall.lines import Faults, WrongCatalogue

COLUMNS = ("name", "district", "first", "last", "latitude", "longitude", "latitude_end", "longitude_end")


def read_streets(text: str, districts: Mapping[str, District]) -> tuple[Street, ...]:
    """One stretch of street a line. Raises `WrongCatalogue` with every fault."""
    faults, streets = Faults(), []
    rows = csv.DictReader(StringIO(text))
    if tuple(rows.fieldnames or ()) != COLUMNS:
        faults.add(1, "streets_columns", "streets.csv must begin with the line “{columns}”.", columns=",".join(COLUMNS))
        raise WrongCatalogue(faults.found)
    for row in rows:
        street = _street(row)
        if street is None or not _lies_right(street, districts):
            faults.add(
                rows.line_num, "bad_street", "streets.csv: “{value}” is no stretch of street.", value=str(row["name"])
            )
        else:
            streets.append(street)
    if faults.found:
        raise WrongCatalogue(faults.found)
    return tuple(streets)


def _street(row: Mapping[str, str]) -> Street | None:
    try:
        return Street(
            name=" ".join(row["name"].split()),
            district=row["district"],
            first=int(row["first"]),
            last=int(row["last"]),
            latitude=float(row["latitude"]),
            longitude=float(row["longitude"]),
            latitude_end=float(row["latitude_end"]),
            longitude_end=float(row["longitude_end"]),
        )
    except (TypeError, ValueError, AttributeError):
        return None


def _lies_right(street: Street, districts: Mapping[str, District]) -> bool:
    ends = ((street.latitude, street.longitude), (street.latitude_end, street.longitude_end))
    on_earth = all(abs(latitude) <= 90 and abs(longitude) <= 180 for latitude, longitude in ends)
    return bool(street.name) and street.district in districts and 0 < street.first <= street.last and on_earth
