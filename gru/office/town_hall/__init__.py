"""What has the town decided about itself, who works for it, and may this catalogue be adopted?"""

from gru.domain.town_stream import TOWN_STREAM
from gru.office.town_hall.acts import NewAgent, adopt, correct, dismiss, engage, read_agents
from gru.office.town_hall.book import NoTown, TownBook
from gru.office.town_hall.lines import Fault, WrongCatalogue
from gru.office.town_hall.reading import SAMPLE, Content, concluded, read_catalogue, read_folder, read_templates

__all__ = [
    "SAMPLE",
    "TOWN_STREAM",
    "Content",
    "Fault",
    "NewAgent",
    "NoTown",
    "TownBook",
    "WrongCatalogue",
    "adopt",
    "concluded",
    "correct",
    "dismiss",
    "engage",
    "read_agents",
    "read_catalogue",
    "read_folder",
    "read_templates",
]
