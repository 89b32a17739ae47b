"""How does the town account to its committee: who writes, what is frozen, who is told?"""

from gru.office.committee.monthly import MonthlyReport
from gru.office.committee.posting import CommitteePost
from gru.office.committee.writing import Committee, Made, Part, digest_of

__all__ = ["Committee", "CommitteePost", "Made", "MonthlyReport", "Part", "digest_of"]
