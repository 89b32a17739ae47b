"""x?"""

from tests.web.conftest import Town
from tests.web.filing import *


def test_it(town: Town) -> None:
    r = pothole(town)
    print(r.at)
    print(said(r.page)[-1500:])
    r.answers()
    print(r.at)
    print(said(r.page)[-1500:])
    print(town.names_of(r.number))
    print(r.case)
    pdf = r.visitor.client.get(town.link(r.number) + "/recepisse.pdf")
    print(pdf.status_code, pdf.headers, len(pdf.data))
    open("/tmp/form-receipt.pdf", "wb").write(pdf.data)
