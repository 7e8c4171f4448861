# Places in the application's code: its own lines, never those of what started it. In: programs that ask a server. Out: the places told.

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import unittest
from unittest import mock

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from collector import PYTHON, Collector, new_folder, until
from databases import HAS_SERVERS, SERVERS
from programs import has
from truth import Server

from wiretime import call_site

ASK = """
    def ask(port):
        c = http.client.HTTPConnection("127.0.0.1", port)
        c.request("GET", "/1")
        c.getresponse().read()
"""
# A library: in a task of its own, as asyncio's `wait_for` made one before 3.12.
LIBRARY = """
    import asyncio
    async def _ask(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /1 HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
        await reader.readuntil(b"\\r\\n\\r\\n")
        writer.close()
    async def ask_in_a_task(port):
        await asyncio.ensure_future(_ask(port))
    async def ask_within(port):
        await asyncio.wait_for(_ask(port), 20)
    async def ask_twice(port):
        await asyncio.gather(ask_within(port), _ask(port))
    def serve(start, port):
        asyncio.run(_later(start, port))
    async def _later(start, port):
        done = asyncio.get_running_loop().create_future()
        async def run():
            await start(port)
            done.set_result(None)
        task = asyncio.get_running_loop().create_task(run())
        await done
"""
# Line 7 asks, line 8 starts what runs it.
APPLICATION = """
    import sys
    import library



    async def page(port):
        await library.{how}(port)
    library.serve({start}, int(sys.argv[1]))
"""
# Line 8 asks in a transaction, which line 7 ends.
ORM = """
    import asyncio, os
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
    engine = create_async_engine(os.environ["URL"])

    async def page():
        async with AsyncSession(engine) as session:
            await session.execute(text("SELECT 7"))

    async def main():
        for _ in range(3):
            await page()
        await engine.dispose()
    asyncio.run(main())
"""

# A generic view evaluates its query in the template: of the application only its middleware is on the stack then.
DJANGO = """
    import sys
    import django
    from django.conf import settings
    settings.configure(
        ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="x",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "items.db"}},
        MIDDLEWARE=["%(middleware)s"],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": {"loaders": [
            ("django.template.loaders.locmem.Loader", {"page.html": "{%% for one in list %%}{{ one.name }}{%% endfor %%}"})]}}],
    )
    django.setup()
    from django.core.handlers.wsgi import WSGIHandler
    from django.db import connection, models
    from django.template.response import TemplateResponse
    from django.test import RequestFactory
    from django.urls import path
    from django.views.generic import ListView

    class Item(models.Model):
        name = models.CharField(max_length=50)
        class Meta:
            app_label = "items"

    class Items(ListView):
        model = Item
        template_name = "page.html"
        context_object_name = "list"

    def lazy(request):
        return TemplateResponse(request, "page.html", {"list": Item.objects.all()})

    def eager(request):
        return TemplateResponse(request, "page.html", {"list": list(Item.objects.all())})

    class Asks:
        def __init__(self, get_response):
            self.get_response = get_response
        def __call__(self, request):
            Item.objects.count()
            return self.get_response(request)

    def passes(get_response):
        def middleware(request):
            return get_response(request)
        return middleware

    urlpatterns = [path("class", Items.as_view()), path("lazy", lazy), path("eager", eager)]
    with connection.schema_editor() as editor:
        editor.create_model(Item)
    handler = WSGIHandler()
    for name in ("class", "lazy", "eager"):
        environ = RequestFactory().get("/" + name).environ
        assert handler(environ, lambda *head: None).status_code == 200
    __import__("socket").create_connection(("127.0.0.1", int(sys.argv[1]))).sendall(b"x")
"""


class HowOften(unittest.TestCase):
    """By hand: one statement each millisecond of a second."""

    def captures(self, lines: int) -> list[int]:
        """In each tenth of the second."""
        sampling = call_site.Sampling()
        counts = [0] * 10
        with (
            mock.patch.object(call_site, "user_frames", lambda _: ((1, len(seen) % lines),)),
            mock.patch.object(call_site, "_tell", lambda *_: None),
            mock.patch.object(call_site, "_call_sites", {}),
            mock.patch.object(call_site, "_budget", 200.0),
            mock.patch.object(call_site, "_refilled_at", 0),
        ):
            seen: list[int] = []
            for time in range(1000):
                if call_site.site_within_budget(sampling, time * 1_000_000 + 1):
                    counts[time // 100] += 1
                    seen.append(time)
        return counts

    def test_less_and_less_where_it_is_always_the_same_line(self) -> None:
        first, *_, last = self.captures(1)
        self.assertGreaterEqual(first, 11)
        self.assertLessEqual(sum(self.captures(1)), 17)
        self.assertLessEqual(last, 1)

    def test_as_often_as_ever_where_lines_take_turns(self) -> None:
        self.assertGreater(sum(self.captures(2)), 180)


class Places(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = new_folder()
        self.collector, self.server = Collector(), Server()
        self.addCleanup(self.collector.close)
        self.addCleanup(self.server.close)

    def file(self, *path: str, text: str) -> str:
        name = os.path.join(self.folder, *path)
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(text).lstrip("\n") if "\n    " in text[:6] else text)
        return name

    def ran(self, *command: str, **env: str) -> list[list[str]]:
        """The places of each call that has some: `file:line function`, without the folder."""
        done = subprocess.run(
            [*command, str(self.server.port)],
            cwd=self.folder,
            env={**self.collector.environment(), **env},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        until("all records have arrived", lambda: self.collector.is_idle)
        said = [one.payload for one in self.collector.of("stats", "goodbye")]
        self.assertEqual([one for one in said if one.get("errors") or one.get("error")], [])
        self.assertNotEqual(self.collector.of("write"), [])
        sites = {site.call_site: site.stack for site in self.collector.of("site")}
        stacks = [sites[call.call_site] for call in self.collector.of("call") if call.call_site]
        return [
            [line.replace(self.folder + os.sep, "").replace(":1 ", " ") for line in stack.splitlines()]
            for stack in stacks
        ]

    def with_library(self, how: str, start: str = "page") -> list[list[str]]:
        library = os.path.join(self.folder, "site-packages")
        self.file("site-packages", "library.py", text=LIBRARY)
        application = self.file("application.py", text=APPLICATION.format(how=how, start=start))
        environment = self.collector.environment()
        path = os.pathsep.join([environment["PYTHONPATH"], library])
        return self.ran(PYTHON, application, PYTHONPATH=path)

    def test_a_library_in_a_task_of_its_own(self) -> None:
        for how in ("ask_in_a_task", "ask_within", "ask_twice"):
            with self.subTest(how):
                places = self.with_library(how)
                self.assertNotEqual(places, [])
                for stack in places:
                    self.assertEqual(stack, ["application.py:7 page"])
                self.setUp()

    @unittest.skipUnless(
        HAS_SERVERS and has("sqlalchemy") and has("asyncpg"), "needs SQLAlchemy, asyncpg and servers"
    )
    def test_an_orm_in_a_greenlet(self) -> None:
        """BEGIN, SELECT and ROLLBACK: the last one in a task of its own, when the session is closed."""
        program = self.file("application.py", text=ORM)
        url = "postgresql+asyncpg:" + SERVERS["postgres"]["url"].partition(":")[2]
        self.ran(PYTHON, program, URL=url)
        sites = {site.call_site: site.stack.splitlines()[0] for site in self.collector.of("site")}
        calls = {call.call: sites.get(call.call_site, "") for call in self.collector.of("call")}
        places: dict[bytes, set[str]] = {}
        for write in self.collector.of("write"):
            for word in (b"BEGIN", b"SELECT 7", b"ROLLBACK"):
                if word in write.bytes:
                    place = calls.get(write.contexts[0][2], "").replace(self.folder + os.sep, "")
                    places.setdefault(word, set()).add(place.replace(":1 ", " "))
        self.assertEqual(
            places,
            {
                b"BEGIN": {"application.py:8 page"},
                b"SELECT 7": {"application.py:8 page"},
                # Of the driver when it connects; and of the session, at the end of line 7's block.
                b"ROLLBACK": {"application.py:8 page", "application.py:7 page"},
            },
        )

    @unittest.skipUnless(has("django"), "needs Django")
    def test_a_middleware_that_passes_a_request_on_asked_nothing(self) -> None:
        """What Django asks for a view is the view's; what a middleware asks by itself is the middleware's."""
        for middleware in ("passes", "Asks"):
            with self.subTest(middleware):
                text = textwrap.dedent(DJANGO % {"middleware": f"application.{middleware}"}).lstrip()
                self.file("application.py", text=text.replace("__name__", '"application"'))
                stacks = self.ran(PYTHON, "-c", "import application")
                lines = text.splitlines()
                expected = [
                    f"{lines.index('class Items(ListView):') + 1} Items",
                    f"{lines.index('def lazy(request):') + 1} lazy",
                    f"{lines.index('def eager(request):') + 2} eager",
                ]
                if middleware == "Asks":
                    expected.append(f"{lines.index('        Item.objects.count()') + 1} __call__")
                found = {place.replace("Asks.", "") for place, *_ in stacks if "<module>" not in place}
                self.assertEqual(found, {f"application.py:{place}" for place in expected})
                self.setUp()

    def test_who_started_the_loop_asked_nothing(self) -> None:
        self.assertEqual(self.with_library("ask_within", start="library.ask_within"), [])

    def test_programs_of_packages_are_not_the_application(self) -> None:
        """However they are named: by their folder, or through a link."""
        subprocess.run([PYTHON, "-m", "venv", "--without-pip", "venv"], cwd=self.folder, check=True)
        os.symlink("venv", os.path.join(self.folder, "current"))
        program = "#!/bin/python\nimport sys, served\nsys.exit(served.ask(int(sys.argv[1])))\n"
        self.file("venv", "bin", "serve", text=program)
        library = os.path.join(self.folder, "site-packages")
        self.file("site-packages", "served.py", text="import http.client\n" + textwrap.dedent(ASK))
        for name in ("venv/bin/serve", "current/bin/serve", "venv/../current/bin/serve"):
            for python in ("venv/bin/python", "current/bin/python"):
                with self.subTest(name, python=python):
                    path = os.pathsep.join([self.collector.environment()["PYTHONPATH"], library])
                    self.assertEqual(self.ran(os.path.join(self.folder, python), name, PYTHONPATH=path), [])
                    self.setUp_again()

    def test_an_application_that_is_a_package(self) -> None:
        """Behind its driver, and behind what only passes on; whoever starts it."""
        library = os.path.join(self.folder, "site-packages")
        self.file("site-packages", "driver.py", text="import http.client\n" + textwrap.dedent(ASK))
        self.file(
            "site-packages",
            "redis",
            "__init__.py",
            text="import driver\ndef get(port):\n    driver.ask(port)\n",
        )
        self.file("site-packages", "shop.py", text="import redis\n\n\ndef cart(port):\n    redis.get(port)\n")
        program = self.file(
            "venv2", "serve", text="import sys, shop\nsys.exit(shop.cart(int(sys.argv[1])))\n"
        )
        path = os.pathsep.join([self.collector.environment()["PYTHONPATH"], library])
        places = self.ran(PYTHON, program, PYTHONPATH=path)
        # The program is somebody's own, and stands for the application where it is on the stack.
        self.assertEqual({stack[0] for stack in places}, {"venv2/serve:2 <module>"})
        self.setUp_again()
        places = self.ran(PYTHON, "-c", "import sys, shop\nshop.cart(int(sys.argv[1]))", PYTHONPATH=path)
        self.assertEqual({tuple(stack) for stack in places}, {("site-packages/shop.py:5 cart",)})

    def test_a_helper_between_an_application_that_is_a_package_and_its_driver(self) -> None:
        """Nobody has heard of it: what is met more often is the application."""
        library = os.path.join(self.folder, "site-packages")
        self.file("site-packages", "driver.py", text="import http.client\n" + textwrap.dedent(ASK))
        self.file("site-packages", "helper.py", text="import driver\ndef ask(port):\n    driver.ask(port)\n")
        application = "import driver, helper\ndef cart(port):\n    driver.ask(port)\n    helper.ask(port)\n"
        self.file("site-packages", "shop.py", text=application)
        path = os.pathsep.join([self.collector.environment()["PYTHONPATH"], library])
        places = self.ran(PYTHON, "-c", "import sys, shop\nshop.cart(int(sys.argv[1]))", PYTHONPATH=path)
        expected = {("site-packages/shop.py:3 cart",), ("site-packages/shop.py:4 cart",)}
        self.assertEqual({tuple(stack) for stack in places}, expected)

    def test_a_package_that_wraps_each_query(self) -> None:
        """It is met more often than the application, but only in one function of its own."""
        library = os.path.join(self.folder, "site-packages")
        self.file("site-packages", "driver.py", text="import http.client\n" + textwrap.dedent(ASK))
        self.file("site-packages", "tagger.py", text="import driver\ndef ask(port):\n    driver.ask(port)\n")
        application = "import tagger\n" + "".join(
            f"def f{number}(port):\n    tagger.ask(port)\n" for number in range(4)
        )
        self.file("site-packages", "shop.py", text=application)
        path = os.pathsep.join([self.collector.environment()["PYTHONPATH"], library])
        code = "import sys, shop, tagger\nport = int(sys.argv[1])\ntagger.ask(port)\ntagger.ask(port)\n"
        code += "for number in range(4): getattr(shop, f'f{number}')(port)"
        places = [stack[0] for stack in self.ran(PYTHON, "-c", code, PYTHONPATH=path)]
        # Before the application was met there was only the other.
        self.assertEqual(places[-1], "site-packages/shop.py:9 f3")
        self.assertLessEqual(sum("tagger" in place for place in places), len(places) // 2, places)

    def setUp_again(self) -> None:
        """Another collector, in the same folder."""
        folder = self.folder
        self.setUp()
        self.folder = folder

    def test_a_program_of_the_users_own(self) -> None:
        """In the folder of an environment of its own there are only programs of packages; elsewhere it is the application."""
        text = "import sys, http.client\n" + textwrap.dedent(ASK) + "sys.exit(ask(int(sys.argv[1])))\n"
        program = self.file("bin", "serve", text=text)
        places = self.ran(PYTHON, program)
        self.assertEqual(places[-1][-1], "bin/serve:7 <module>")
        self.assertTrue(all(stack[0].endswith(" ask") for stack in places), places)


if __name__ == "__main__":
    unittest.main()
