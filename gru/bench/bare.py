"""What is the plainest page that could show a queue? Flask, one indexed SELECT of 50 rows, one Jinja table.

No login, no rights, no names, no words, no dates in French: what the house's own queue is measured beside.
"""

from flask import Flask, render_template_string
from sqlalchemy import select

from gru.bootstrap import Office
from gru.storage.databases import reading
from projections.queue import queue

COLUMNS = ("number", "title_id", "requester", "type", "department", "status", "channel", "agent", "due_at", "warn_at",
           "received_at", "unread", "attention")  # fmt: skip
_PAGE = """<!doctype html><html lang="fr"><head><title>{{ title }}</title></head><body>
<table><thead><tr>{% for name in columns %}<th>{{ name }}</th>{% endfor %}</tr></thead><tbody>
{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</tbody></table></body></html>"""


def bare_app(office: Office) -> Flask:
    app = Flask("bare")
    columns = [queue.c[name] for name in COLUMNS]
    first_due = select(*columns).where(queue.c.closed_at.is_(None)).order_by(queue.c.due_sort, queue.c.case_id)

    @app.get("/")
    def show() -> str:
        with reading(office.databases.views) as connection:
            rows = connection.execute(first_due.limit(50)).all()
        return render_template_string(_PAGE, title="Demandes", columns=COLUMNS, rows=rows)

    return app
