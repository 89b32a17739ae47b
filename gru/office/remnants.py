"""Which copies of words does an erasure not reach: a rebuild's, outdated ones, those whose fact was parked?"""

import re
from typing import Any

from sqlalchemy import Connection, inspect, select

from gru.domain import events as e
from gru.office import views
from gru.office.projector import Projector
from gru.office.views import Built, Shelf
from projections.base import Projection

ERASING = (e.PersonErased.NAME, e.TextRedacted.NAME)
"""The facts by which rows drop what they copied."""


def remnants(projector: Projector) -> list[str]:
    """The projections that may still hold what their live rows have dropped, once these follow the log.

    Tables that a rebuild has replaced and not come to drop are dropped; those of a rebuild that runs are its own.
    """
    worded = {name: one for name, one in projector.projections.items() if one.wants_words}
    with views.making(projector.engine) as connection:
        built = {name: at for group in projector.groups for name, at in views.stood(connection, group).built.items()}
        outdated = {name for name in worded if name not in built or built[name].shape != projector.shapes[name]}
        filling = {name for name, one in worded.items() if _is_being_filled(connection, one, built.get(name))}
        table = views.parked
        missed = select(table.c.projection).where(table.c.projection.in_(worded), table.c.name.in_(ERASING))
        parked = set(connection.scalars(missed))
    return sorted(outdated | filling | parked)


def _is_being_filled(connection: Connection, projection: Projection[Any], built: Built | None) -> bool:
    kind = connection.dialect.name
    names = inspect(connection).get_table_names(schema=None if kind == "sqlite" else "views")
    beside = [re.fullmatch(rf"{projection.table.name}__g(\d+)", name) for name in names]
    generations = [int(found[1]) for found in beside if found]
    replaced = [one for one in generations if built and one <= built.generation]
    for generation in replaced:
        Shelf(projection, kind, generation).drop(connection)
    return len(replaced) < len(generations)
