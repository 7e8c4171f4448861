# What looks like a fault and is none, with SQLAlchemy and requests. In: engines, a session for HTTP. Out: endpoints at which nothing may be found.

import time
from concurrent.futures import ThreadPoolExecutor

from flask import Blueprint, jsonify, request
from library_loans import Book, Loan, Member
from sqlalchemy import select, text
from sqlalchemy.orm import Session, selectinload


def decoys(engine, plain, http, peer):
    page = Blueprint("decoys", __name__)
    workers = ThreadPoolExecutor(8)
    kept = {}

    def get(path):
        return http.get(peer + path).text

    # Of different rows, always three: nobody would batch that.
    @page.get("/decoys/three-look-ups/<int:id>")
    def three_look_ups(id):
        with plain.connect() as connection:
            for row in (id % 500, (id + 7) % 500, (id + 9) % 500):
                connection.execute(select(Member.branch).where(Member.id == row))
        return "ok"

    # The list, and what belongs to it with one more query.
    @page.get("/decoys/eager/<int:id>")
    def eager(id):
        with Session(plain) as session:
            query = select(Loan).where(Loan.member_id == id % 500).options(selectinload(Loan.book)).limit(12)
            return jsonify([loan.book.title for loan in session.scalars(query)])

    # The session knows the row already.
    @page.get("/decoys/identity-map/<int:id>")
    def identity_map(id):
        with Session(plain) as session:
            members = [session.get(Member, id % 500) for _ in range(4)]
            return jsonify(members[3].name)

    @page.get("/decoys/at-once/<int:id>")
    def at_once(id):
        list(workers.map(get, [f"/limits/{id}?ms=8", f"/hours/{id}?ms=8"]))
        return "ok"

    # Each page begins where the one before ended.
    @page.get("/decoys/pages/<int:id>")
    def pages(id):
        last = -1
        query = text("SELECT id FROM loans WHERE member_id = :m AND id > :last ORDER BY id LIMIT 12")
        with plain.connect() as connection:
            for _ in range(2 + id % 2):
                rows = connection.execute(query, {"m": id % 500, "last": last}).scalars().all()
                last = rows[-1] if rows else last
        return "ok"

    # The second needs a value of the first.
    @page.get("/decoys/needed/<int:id>")
    def needed(id):
        with plain.connect() as connection:
            book = connection.execute(select(Loan.book_id).where(Loan.member_id == id % 500).limit(1)).scalar()
            connection.execute(select(Book.title).where(Book.id == book)).scalar()
        return "ok"

    # Who may not see it must not be looked up.
    @page.get("/decoys/permission/<int:id>")
    def permission(id):
        if get(f"/permissions/{id}?ms=5"):
            with plain.connect() as connection:
                connection.execute(select(Loan.id).where(Loan.member_id == id % 500).limit(5)).all()
        return "ok"

    @page.post("/decoys/read-after-write/<int:id>")
    def read_after_write(id):
        with plain.connect() as connection:
            for statement in (
                "SELECT fine FROM members WHERE id = :id",
                "UPDATE members SET fine = fine + 1 WHERE id = :id",
                "SELECT fine FROM members WHERE id = :id",
            ):
                connection.execute(text(statement), {"id": id % 500})
        return "ok"

    # Both or none.
    @page.post("/decoys/transaction/<int:id>")
    def transaction(id):
        with Session(engine) as session, session.begin():
            member = session.get(Member, id % 500, with_for_update=True)
            member.fine = id % 9
            session.execute(text("UPDATE loans SET member_id = member_id WHERE id = :id"), {"id": id % 500})
        return "ok"

    # A batch endpoint takes a hundred at a time.
    @page.post("/decoys/chunks/<int:id>")
    def chunks(id):
        numbers = list(range(100 + id % 3 * 100))
        for start in range(0, len(numbers), 100):
            http.post(peer + "/batch", data=",".join(map(str, numbers[start : start + 100])))
        return "ok"

    @page.post("/decoys/polling/<int:id>")
    def polling(id):
        for _ in range(1 + id % 2):
            get(f"/jobs/{id % 500}")
            time.sleep(0.06)
        return "ok"

    @page.get("/decoys/forty/<int:id>")
    def forty(id):
        return get(f"/archive/{id % 500}?ms=40")

    @page.get("/decoys/other-company/<int:id>")
    def other_company(id):
        return get(f"/carrier/{id % 500}?ms=120")

    @page.get("/decoys/health/<int:id>")
    def health(id):
        with plain.connect() as connection:
            connection.execute(text("SELECT 1"))
        return "ok"

    # Each is asked for once.
    @page.get("/decoys/kept/<int:id>")
    def kept_rows(id):
        row = id % 500
        if row not in kept:
            with plain.connect() as connection:
                kept[row] = connection.execute(select(Book.genre).where(Book.id == row)).scalar()
        return "ok"

    # One request in a hundred walks a long list.
    @page.get("/decoys/rarely/<int:id>")
    def rarely(id):
        times = 20 if float(request.args["chance"]) < 0.01 else 1
        with plain.connect() as connection:
            for turn in range(times):
                connection.execute(select(Book.title).where(Book.id == id % 500 + turn))
        return "ok"

    return page
