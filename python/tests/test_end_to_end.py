# The whole product on two real backends: a project made by `django-admin startproject` under gunicorn, and FastAPI with asyncpg
# under uvicorn, each behind `wiretime run --`. What the report says is what the clients asked and what PostgreSQL logged.

from __future__ import annotations

import collections
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import unittest
import uuid
from http.client import HTTPConnection

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE]

import databases
from collector import PYTHON, until
from databases import HAS_SERVERS, SERVERS
from programs import accepts, free_port, has

CLI = os.path.join(os.path.dirname(os.path.dirname(HERE)), "dist", "cli.js")
CLIENTS = 8
ROUNDS = 15

DJANGO_FILES = {
    "items/__init__.py": "",
    "items/models.py": """
        from django.db import models

        class Item(models.Model):
            name = models.CharField(max_length=50)

        class Price(models.Model):
            item = models.ForeignKey(Item, on_delete=models.CASCADE)
            cents = models.IntegerField()
        """,
    "items/views.py": """
        from django.db import transaction
        from django.http import JsonResponse
        from .models import Item, Price

        def all_items(request):
            return JsonResponse({"names": [item.name for item in Item.objects.order_by("id")[:10]]})

        def one_item(request, id):
            item = Item.objects.get(id=id)
            return JsonResponse({"cents": [price.cents for price in item.price_set.all()]})

        def new_price(request, id):
            with transaction.atomic():
                Price.objects.create(item_id=id, cents=100)
            return JsonResponse({}, status=201)
        """,
    "shop/urls.py": """
        from django.urls import include, path
        from items import views

        urlpatterns = [
            path("items/", include([
                path("", views.all_items),
                path("<int:id>/", views.one_item),
                path("<int:id>/prices", views.new_price),
            ])),
        ]
        """,
}

FASTAPI = """
    import os
    from contextlib import asynccontextmanager

    import asyncpg
    from fastapi import APIRouter, FastAPI, Request


    @asynccontextmanager
    async def lifespan(app):
        settings = {"application_name": os.environ["NAME"]}
        async with asyncpg.create_pool(os.environ["URL"], min_size=1, max_size=4, server_settings=settings) as pool:
            app.state.pool = pool
            yield


    router = APIRouter(prefix="/v1")


    @router.get("/items")
    async def all_items(request: Request):
        return [row["name"] for row in await request.app.state.pool.fetch("SELECT name FROM items ORDER BY id LIMIT 10")]


    @router.get("/items/{id}")
    async def one_item(id: int, request: Request):
        async with request.app.state.pool.acquire() as db:
            name = await db.fetchval("SELECT name FROM items WHERE id = $1", id)
            return {"name": name, "more": await db.fetchval("SELECT count(*) FROM items WHERE id > $1", id)}


    app = FastAPI(lifespan=lifespan)
    app.include_router(router)
    """


class Asked:
    """What the clients asked, by what was answered."""

    def __init__(self, port: int, paths: list[str]) -> None:
        self.counts: collections.Counter[tuple[str, int]] = collections.Counter()
        self._lock = threading.Lock()
        threads = [threading.Thread(target=self._client, args=(port, paths)) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _client(self, port: int, paths: list[str]) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        for _ in range(ROUNDS):
            for path in paths:
                connection.request("GET", path)
                answer = connection.getresponse()
                answer.read()
                with self._lock:
                    self.counts[(path, answer.status)] += 1
        connection.close()


@unittest.skipUnless(
    HAS_SERVERS and os.path.exists(CLI) and shutil.which("node"), "needs dist/ and the servers"
)
class EndToEnd(unittest.TestCase):
    def setUp(self) -> None:
        databases.log_postgres_statements()
        self.name = "w" + uuid.uuid4().hex[:12]
        databases.postgres(f"CREATE DATABASE {self.name}")
        self.folder = tempfile.mkdtemp(prefix="wiretime-python-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.port = free_port()

    def write(self, path: str, text: str) -> None:
        path = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "a" if path.endswith("settings.py") else "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(text).lstrip("\n"))

    def traced(self, command: list[str], paths: list[str], **env: str) -> tuple[Asked, dict]:
        """What was asked of the program while it ran behind `wiretime run`, and the report."""
        run = ["node", CLI, "run", "--no-ui", "--summary", "none", "--data", "data", "--", *command]
        clean = {k: v for k, v in os.environ.items() if not k.startswith("WIRETIME_")}
        process = subprocess.Popen(
            run,
            cwd=self.folder,
            env={**clean, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            until("the program is ready", lambda: process.poll() is not None or accepts(self.port))
            self.assertIsNone(process.poll())
            asked = Asked(self.port, paths)
        finally:
            # Without a terminal the program hears of it from wiretime.
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            printed = process.communicate(timeout=30)[0].decode()
        self.assertNotIn("Traceback", printed)
        report = ["node", CLI, "report", "--data", "data", "--format", "json"]
        done = subprocess.run(report, cwd=self.folder, env=clean, capture_output=True, text=True, check=True)
        return asked, json.loads(done.stdout)

    def check_endpoints(self, report: dict, asked: Asked, routes: dict[str, str]) -> None:
        expected = {(routes[path], count) for (path, _), count in asked.counts.items()}
        self.assertEqual({(end["route"], end["requests"]) for end in report["endpoints"]}, expected)
        for end in report["endpoints"]:
            self.assertAlmostEqual(
                sum(c["msPerRequest"] for c in end["categories"]), end["ms"]["mean"], places=1
            )
            shares = {category["key"]: category["msPerRequest"] for category in end["categories"]}
            self.assertGreater(shares["db"], 0, end["route"])
        coverage = report["coverage"]
        self.assertEqual((coverage["dropped"], coverage["notVisible"], coverage["resyncs"]), (0, 0, 0))

    def per_request(self, report: dict) -> dict[str, list[tuple[str, float, str]]]:
        found: dict[str, list[tuple[str, float, str]]] = {}
        for end in report["endpoints"]:
            found[end["route"]] = [
                (
                    operation["statement"],
                    operation["perRequest"] * end["requests"],
                    operation.get("callSite") or "",
                )
                for operation in end["operations"]
            ]
        return found

    def check_log(self, report: dict) -> None:
        """As often as PostgreSQL was asked by requests: SELECT, INSERT, BEGIN, COMMIT."""
        logged = collections.Counter(word_of(text) for text in databases.postgres_statements(self.name))
        ours: collections.Counter[str] = collections.Counter()
        for operations in self.per_request(report).values():
            for statement, count, _ in operations:
                ours[word_of(statement)] += round(count)
        for word in ("SELECT", "INSERT", "BEGIN", "COMMIT"):
            self.assertEqual(ours[word], logged[word], (word, ours, logged))

    @unittest.skipUnless(
        has("django") and has("psycopg") and has("gunicorn"), "needs django, psycopg, gunicorn"
    )
    def test_django_startproject(self) -> None:
        subprocess.run([PYTHON, "-m", "django", "startproject", "shop", "."], cwd=self.folder, check=True)
        for path, text in DJANGO_FILES.items():
            self.write(path, text)
        server = SERVERS["postgres"]
        self.write(
            "shop/settings.py",
            f"""
            INSTALLED_APPS += ["items"]
            DATABASES["default"] = {{
                "ENGINE": "django.db.backends.postgresql", "NAME": "{self.name}", "USER": "postgres",
                "PASSWORD": "{server["password"]}", "HOST": "127.0.0.1", "PORT": {server["port"]},
                "OPTIONS": {{"application_name": "{self.name}" if "runs" in __import__("os").environ else "setup"}},
                "CONN_MAX_AGE": 60,
            }}
            """,
        )
        manage = [PYTHON, "manage.py"]
        subprocess.run([*manage, "makemigrations", "items"], cwd=self.folder, check=True, capture_output=True)
        subprocess.run([*manage, "migrate"], cwd=self.folder, check=True, capture_output=True)
        fill = "INSERT INTO items_item (id, name) SELECT n, 'item' FROM generate_series(1, 20) n"
        server = SERVERS["postgres"]
        psql = [
            "psql",
            "-X",
            "-q",
            "-h",
            server["socket"],
            "-p",
            str(server["port"]),
            "-U",
            "postgres",
            self.name,
        ]
        subprocess.run([*psql, "-c", fill], check=True)
        gunicorn = [PYTHON, "-m", "gunicorn", "-b", f"127.0.0.1:{self.port}", "-w", "2", "--threads", "4"]
        routes = {
            "/items/": "/items/",
            "/items/7/": "/items/<int:id>/",
            "/items/7/prices": "/items/<int:id>/prices",
        }
        asked, report = self.traced([*gunicorn, "shop.wsgi"], list(routes), runs="1")
        self.assertEqual(
            asked.counts,
            {
                ("/items/", 200): CLIENTS * ROUNDS,
                ("/items/7/", 200): CLIENTS * ROUNDS,
                ("/items/7/prices", 201): CLIENTS * ROUNDS,
            },
        )
        self.check_endpoints(report, asked, routes)
        self.check_log(report)
        operations = self.per_request(report)
        total = CLIENTS * ROUNDS
        item = 'SELECT "items_item"."id", "items_item"."name" FROM "items_item"'
        self.assert_has(
            operations["/items/"],
            item + ' ORDER BY "items_item"."id" ASC LIMIT ?',
            total,
            "items/views.py:6:",
        )
        self.assert_has(
            operations["/items/<int:id>/"],
            item + ' WHERE "items_item"."id" = ? LIMIT ?',
            total,
            "items/views.py:9:",
        )
        self.assert_has(operations["/items/<int:id>/prices"], "COMMIT", total, "items/views.py:")
        self.assertEqual([dependency["protocol"] for dependency in report["dependencies"]], ["postgres"])

    @unittest.skipUnless(
        has("fastapi") and has("asyncpg") and has("uvicorn"), "needs fastapi, asyncpg, uvicorn"
    )
    def test_fastapi(self) -> None:
        self.write("shop.py", FASTAPI)
        server = SERVERS["postgres"]
        psql = [
            "psql",
            "-X",
            "-q",
            "-h",
            server["socket"],
            "-p",
            str(server["port"]),
            "-U",
            "postgres",
            self.name,
        ]
        subprocess.run(
            [
                *psql,
                "-c",
                "CREATE TABLE items AS SELECT n AS id, 'item' AS name FROM generate_series(1, 20) n",
            ],
            check=True,
        )
        url = server["url"].rpartition("/")[0] + "/" + self.name
        routes = {"/v1/items": "/v1/items", "/v1/items/7": "/v1/items/{id}"}
        uvicorn = [PYTHON, "-m", "uvicorn", "--port", str(self.port), "--log-level", "warning", "shop:app"]
        asked, report = self.traced(uvicorn, list(routes), URL=url, NAME=self.name)
        total = CLIENTS * ROUNDS
        self.assertEqual(asked.counts, {("/v1/items", 200): total, ("/v1/items/7", 200): total})
        self.check_endpoints(report, asked, routes)
        self.check_log(report)
        operations = self.per_request(report)
        self.assert_has(
            operations["/v1/items"], "SELECT name FROM items ORDER BY id LIMIT ?", total, "shop.py:"
        )
        self.assert_has(
            operations["/v1/items/{id}"], "SELECT name FROM items WHERE id = $1", total, "shop.py:"
        )

    def assert_has(self, operations: list, statement: str, count: int, place: str) -> None:
        found = [operation for operation in operations if operation[0] == statement]
        self.assertEqual(len(found), 1, (statement, operations))
        self.assertAlmostEqual(found[0][1], count, places=3)
        self.assertTrue(found[0][2].startswith(place), found[0])


def word_of(statement: str) -> str:
    return re.split(r"\W", statement.lstrip().upper(), maxsplit=1)[0]


if __name__ == "__main__":
    unittest.main()
