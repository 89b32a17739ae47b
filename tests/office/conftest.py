"""What do the tests of the office begin with? With tables, empty views or a town, made once in a test process."""

from tests.made import postgresql_place as postgresql_place
from tests.made import postgresql_tables as postgresql_tables
from tests.made import postgresql_town as postgresql_town
from tests.made import sqlite_place as sqlite_place
from tests.made import sqlite_tables as sqlite_tables
from tests.made import sqlite_town as sqlite_town
