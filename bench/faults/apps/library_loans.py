# What the library keeps: members, books, loans. In: a session. Out: rows; a loan knows its book only when it is asked for it.

from flags import has
from sqlalchemy import ForeignKey, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Member(Base):
    __tablename__ = "members"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    branch: Mapped[str]
    fine: Mapped[int]


class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    genre: Mapped[str]
    author_id: Mapped[int]


class Loan(Base):
    __tablename__ = "loans"
    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(index=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id"))
    book: Mapped[Book] = relationship()


class Audit(Base):
    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    entry: Mapped[str]


def fill(session):
    for statement in (
        "INSERT INTO members SELECT n, 'member ' || n, 'branch ' || n % 7, n % 3 FROM generate_series(0, 499) n",
        "INSERT INTO books SELECT n, 'title ' || n, 'genre ' || n % 20, n % 90 FROM generate_series(0, 2999) n",
        "INSERT INTO loans SELECT n, n % 500, (n * 7 + n / 500 * 11) % 3000 FROM generate_series(0, 19999) n",
    ):
        session.execute(text(statement))
    session.commit()


def loans_of(session, member, limit):
    query = select(Loan).where(Loan.member_id == member).limit(limit)
    if not has("query-loop"):
        query = query.options(joinedload(Loan.book))
    return session.scalars(query).all()  # fault query-loop


def titles_of(loans):
    return [title_of(loan) for loan in loans]  # fault query-loop


def title_of(loan):
    return loan.book.title  # fault query-loop
