# A public library on Flask, SQLAlchemy with psycopg2, and requests, served by threads; with faults behind flags (flags.py) and
# look-alikes that are right as they are (library_decoys.py). In: DATABASE_URL, SMALL_URL and HELD_URL (other databases), PEER_URL.
# Out: one line "app listening PORT". POST /quit ends it. "has" and "fault" comments: see app-truth.ts.

import logging
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import requests
import waitress
from flags import by, compute, has, is_unlucky
from flask import Flask, jsonify, request
from library_decoys import decoys
from library_loans import Base, Book, Member, fill, loans_of, titles_of
from requests.adapters import HTTPAdapter
from sqlalchemy import create_engine, event, select, text
from sqlalchemy.orm import Session

PEER = os.environ["PEER_URL"]


def engine_for(name, **options):
    return create_engine(os.environ[name].replace("postgres://", "postgresql+psycopg2://"), **options)


engine = engine_for("DATABASE_URL", pool_size=12, max_overflow=12)
reports = engine_for(
    "SMALL_URL",
    pool_size=by("small-pool", 5, 3, 2) if has("small-pool") else 10,  # fault small-pool
    max_overflow=0,
)
desk = engine_for("HELD_URL", pool_size=6, max_overflow=0)
# Nothing is changed through it, so it needs no transactions.
plain = engine_for(
    "DATABASE_URL",
    isolation_level="AUTOCOMMIT",
    pool_size=6,
    max_overflow=6,
)
hours = engine_for(
    "DATABASE_URL",
    isolation_level="AUTOCOMMIT",
    pool_size=4,
    pool_pre_ping=has("extra-statements"),  # fault extra-statements
)
http = requests.Session()
http.mount("http://", HTTPAdapter(pool_maxsize=40))
workers = ThreadPoolExecutor(12)

Base.metadata.create_all(engine)
with Session(engine) as session:
    fill(session)
with desk.begin() as connection:
    connection.execute(text("CREATE TABLE counters (id int PRIMARY KEY, n int)"))
    connection.execute(text("INSERT INTO counters SELECT n, 0 FROM generate_series(0, 499) n"))

app = Flask(__name__)
app.register_blueprint(decoys(engine, plain, http, PEER))


@app.before_request
def authorize():
    if request.path != "/quit":
        get(f"/auth/{request.args['token']}?ms=6")


def get(path, **options):
    answer = http.get(PEER + path, **options)
    answer.raise_for_status()
    return answer.text


def chance():
    return float(request.args["chance"])


# has query-loop
@app.get("/members/<int:id>/loans")
def member_loans(id):
    with Session(engine) as session:
        loans = loans_of(session, id % 500, by("query-loop", 4, 10, 24) + id % 5)
        return jsonify(titles_of(loans))


# has call-loop
@app.get("/covers/<int:id>")
def covers(id):
    books = [id % 500 + n for n in range(by("call-loop", 3, 6, 14) + id % 4)]
    if not has("call-loop"):
        return get("/covers?books=" + ",".join(map(str, books)))
    return jsonify([http.get(f"{PEER}/covers/{book}").text for book in books])  # fault call-loop


# has two-calls-loop
@app.get("/shelves/<int:id>")
def shelf(id):
    numbers = [id % 400 + n * 3 for n in range(by("two-calls-loop", 3, 6, 12) + id % 5)]
    with plain.connect() as connection:
        if not has("two-calls-loop"):
            get("/stock?books=" + ",".join(map(str, numbers)))
            rows = connection.execute(select(Book.title).where(Book.id.in_(numbers)))
            return jsonify(rows.scalars().all())
        found = []
        for number in numbers:
            found.append(connection.execute(select(Book.title).where(Book.id == number)).scalar())  # fault two-calls-loop
            http.get(f"{PEER}/stock/{number}")  # fault two-calls-loop
        return jsonify(found)


def member_name(connection, id):
    return connection.execute(text("SELECT name FROM members WHERE id = :id"), {"id": id}).scalar()  # fault asked-again


# has asked-again
@app.get("/members/<int:id>")
def member(id):
    with plain.connect() as connection:
        score = workers.submit(get, f"/score/{id % 500}?ms=8")
        name = member_name(connection, id % 500)  # fault asked-again
        if has("asked-again"):
            for _ in range(by("asked-again", 1, 2, 5)):
                name = member_name(connection, id % 500)  # fault asked-again
        return jsonify(name, score.result())


# has one-by-one
@app.get("/start/<int:id>")
def start_page(id):
    ms = by("one-by-one", 4, 8, 20)
    if not has("one-by-one"):
        paths = [f"/events/{id}?ms={ms}", f"/clubs/{id}?ms={ms}", f"/weather/{id}?ms=5"]
        return jsonify(list(workers.map(get, paths)))
    events = http.get(f"{PEER}/events/{id}?ms={ms}")  # fault one-by-one
    clubs = http.get(f"{PEER}/clubs/{id}?ms={ms}")  # fault one-by-one
    weather = http.get(f"{PEER}/weather/{id}?ms=5")  # fault one-by-one
    return jsonify([each.text for each in (events, clubs, weather)])


# has connection-per-call
@app.get("/fines/<int:id>")
def fines(id):
    if not has("connection-per-call") or chance() > by("connection-per-call", 0.3, 0.6, 1):
        with plain.connect() as connection:
            return jsonify(connection.execute(text("SELECT fine FROM members WHERE id = :id"), {"id": id % 500}).scalar())
    connection = psycopg2.connect(os.environ["DATABASE_URL"])  # fault connection-per-call
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("SELECT fine FROM members WHERE id = %s", (id % 500,))  # fault connection-per-call
    fine = cursor.fetchone()
    connection.close()
    return jsonify(fine)


# has small-pool
@app.get("/statistics/<int:id>")
def statistics(id):
    with reports.connect() as connection:  # fault small-pool
        connection.execute(text("SELECT pg_sleep(0.02), :id"), {"id": id})  # fault small-pool
    return "ok"


# has kept-connection
@app.post("/reservations/<int:id>")
def reserve(id):
    check = f"/screening/{id}?ms={by('kept-connection', 12, 30, 80)}"
    if not has("kept-connection"):
        get(check)
    with desk.begin() as connection:  # fault kept-connection
        connection.execute(text("UPDATE counters SET n = n + 1 WHERE id = :id"), {"id": id % 500})  # fault kept-connection
        if has("kept-connection"):
            get(check)  # fault kept-connection
    return "ok"


@event.listens_for(hours, "checkout")
def prepared(connection, _record, _proxy):
    if not has("extra-statements"):
        return
    cursor = connection.cursor()
    if by("extra-statements", 0, 1, 1):
        cursor.execute("SET search_path TO 'public'")  # fault extra-statements
    if by("extra-statements", 0, 0, 1):
        cursor.execute("SET statement_timeout TO '9s'")  # fault extra-statements
    cursor.close()


# has extra-statements
@app.get("/opening/<int:id>")
def opening(id):
    with hours.connect() as connection:  # fault extra-statements
        return jsonify(connection.execute(select(Member.branch).where(Member.id == id % 500)).scalar())


catalogue: list = []


def loaded_catalogue():
    if not catalogue:
        time.sleep(by("loaded-late", 1.5, 2.5, 4))
        catalogue.append("loaded")
    return catalogue


# has loaded-late
@app.get("/catalogue/<int:id>")
def catalogue_page(id):
    with plain.connect() as connection:
        connection.execute(select(Book.title).where(Book.id == id % 500)).scalar()  # fault loaded-late
    return jsonify(loaded_catalogue())  # fault loaded-late


if not has("loaded-late"):
    loaded_catalogue()


# has slow-query
@app.get("/search/<int:id>")
def search(id):
    seconds = by("slow-query", 0.015, 0.04, 0.12) if has("slow-query") else 0
    query = text("SELECT title FROM books WHERE id > :id AND pg_sleep(:s) IS NOT NULL LIMIT 1")
    with plain.connect() as connection:
        return jsonify(connection.execute(query, {"id": id % 500, "s": seconds}).scalar())  # fault slow-query


genres = []


# has never-kept
@app.get("/genres/<int:id>")
def all_genres(id):
    if has("never-kept") or not genres:
        query = text("SELECT genre, pg_sleep(:s) FROM books WHERE id = 1")
        with plain.connect() as connection:
            genres[:] = connection.execute(query, {"s": by("never-kept", 0.01, 0.02, 0.06)}).scalars()  # fault never-kept
    return jsonify(genres)


# has whole-documents
@app.get("/editions/<int:id>")
def editions(id):
    times = by("whole-documents", 30_000, 60_000, 150_000) if has("whole-documents") else 10
    query = text("SELECT id, repeat('edition ', :times) FROM books WHERE id = :id")
    with plain.connect() as connection:
        row = connection.execute(query, {"times": times, "id": id % 500}).one()  # fault whole-documents
    return jsonify(len(row[1]))


# has tried-again
@app.get("/prices/<int:id>")
def prices(id):
    status = 503 if is_unlucky("tried-again", chance()) else 200
    for attempt in range(3):
        answer = http.get(f"{PEER}/prices/{id % 500}?ms=12&status={200 if attempt else status}")  # fault tried-again
        if answer.ok:
            break
        time.sleep(0.005)
    return answer.text


# has long-limit
@app.get("/portraits/<int:id>")
def portrait(id):
    hang = "?hang=1" if chance() < by("long-limit", 0.08, 0.25, 0.6) else ""
    seconds = by("long-limit", 0.2, 0.3, 0.5) if has("long-limit") else 0.04
    try:
        return get(f"/portraits/{id}{hang}", timeout=seconds)  # fault long-limit
    except requests.Timeout:
        return "none"


def note(what):
    query = text("INSERT INTO audit (entry) SELECT :entry FROM pg_sleep(:s)")
    with plain.connect() as connection:
        connection.execute(query, {"entry": what, "s": by("log-awaited", 0.002, 0.008, 0.03)})  # fault log-awaited


# has log-awaited
@app.post("/returns/<int:id>")
def give_back(id):
    with plain.connect() as connection:
        connection.execute(text("UPDATE members SET fine = 0 WHERE id = :id"), {"id": id % 500})
    if has("log-awaited"):
        note(f"return {id}")  # fault log-awaited
    else:
        workers.submit(note, f"return {id}")
    return "ok"


# has busy-code
@app.get("/certificates/<int:id>")
def certificate(id):
    with plain.connect() as connection:
        connection.execute(select(Member.name).where(Member.id == id % 500)).scalar()  # fault busy-code
    if has("busy-code"):
        compute(by("busy-code", 15, 40, 120))  # fault busy-code
    return "ok"


@app.post("/quit")
def quit_now():
    os.kill(os.getpid(), signal.SIGINT)
    return "ok"


logging.getLogger("waitress.queue").setLevel(logging.ERROR)
server = waitress.create_server(app, host="127.0.0.1", port=0, threads=40, channel_timeout=60)
print("app listening", server.effective_port, flush=True)
server.run()
