# How the agent gets in, and where it stays out. In: Python programs started in the ways people start them.

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from collector import BOOT, PYTHON, Collector, new_folder, until
from programs import run

IS_IN = "import sys, socket; print(hasattr(socket.socket.recv, '_is_wiretime'), end='')"


class Start(unittest.TestCase):
    def setUp(self) -> None:
        self.collector = Collector()
        self.addCleanup(self.collector.close)
        self.folder = new_folder()

    def printed(self, command: list[str], **env: str) -> str:
        done = subprocess.run(
            command,
            env=self.collector.environment(**env),
            capture_output=True,
            text=True,
            cwd=self.folder,
            check=False,
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def file(self, name: str, text: str) -> str:
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as program:
            program.write(text)
        return path

    def test_it_is_in(self) -> None:
        self.file("module.py", IS_IN)
        self.file("package/__main__.py", IS_IN)
        for command in (
            ["-c", IS_IN],
            ["module.py"],
            ["-m", "module"],
            ["package"],
            ["-s", "-c", IS_IN],
            ["-O", "module.py"],
        ):
            with self.subTest(command):
                self.assertEqual(self.printed([PYTHON, *command]), "True")

    def test_it_is_in_what_a_program_starts(self) -> None:
        code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {IS_IN!r}], check=True)"
        self.assertEqual(self.printed([PYTHON, "-c", code]), "True")

    def test_it_is_in_a_virtual_environment(self) -> None:
        subprocess.run([PYTHON, "-m", "venv", "--without-pip", "v"], cwd=self.folder, check=True)
        self.assertEqual(self.printed([os.path.join(self.folder, "v", "bin", "python"), "-c", IS_IN]), "True")

    def test_without_a_collector_nothing_happens(self) -> None:
        code = (
            "import sys, socket; print([n for n in sys.modules if n.startswith('wiretime.patches.')], end='')"
        )
        for env in ({"WIRETIME_SOCKET": ""}, {"WIRETIME_DISABLED": "1"}):
            self.assertEqual(self.printed([PYTHON, "-c", code], **env), "[]")
            self.assertEqual(self.printed([PYTHON, "-c", IS_IN], **env), "False")

    def test_tools_are_left_alone(self) -> None:
        for name in ("pip", "poetry", "uv", "tox"):
            with self.subTest(name):
                self.assertEqual(self.printed([PYTHON, self.file(f"bin/{name}", IS_IN)]), "False")
        self.assertEqual(self.printed([PYTHON, self.file("bin/gunicorn", IS_IN)]), "True")
        tracker = f"from multiprocessing.resource_tracker import main; {IS_IN}"
        self.assertEqual(self.printed([PYTHON, "-c", tracker]), "False")

    def test_the_sitecustomize_it_hides_runs(self) -> None:
        self.file("mine/sitecustomize.py", "VALUE = 'mine'")
        path = os.pathsep.join([BOOT, os.path.join(self.folder, "mine")])
        code = f"import sitecustomize; print(sitecustomize.VALUE, end=' '); {IS_IN}"
        self.assertEqual(self.printed([PYTHON, "-c", code], PYTHONPATH=path), "mine True")

    def test_another_sitecustomize_comes_first(self) -> None:
        """Then usercustomize gets it in, outside of virtual environments."""
        self.file("mine/sitecustomize.py", "VALUE = 'mine'")
        path = os.pathsep.join([os.path.join(self.folder, "mine"), BOOT])
        ours = IS_IN.replace("; ", "\n    ")
        code = f"import site\nif site.ENABLE_USER_SITE:\n    {ours}\nelse:\n    print('True', end='')"
        self.assertEqual(self.printed([PYTHON, "-c", code], PYTHONPATH=path), "True")

    def test_a_broken_sitecustomize_complains_as_it_would(self) -> None:
        self.file("mine/sitecustomize.py", "raise ValueError('mine')")
        path = os.pathsep.join([BOOT, os.path.join(self.folder, "mine")])
        done = subprocess.run(
            [PYTHON, "-c", IS_IN],
            env=self.collector.environment(PYTHONPATH=path),
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(done.stdout, "True")
        self.assertIn("ValueError: mine", done.stderr)

    def test_it_leaves_nothing_behind(self) -> None:
        code = "import sys; print([p for p in sys.path if p.endswith('/python')], sys.dont_write_bytecode, end='')"
        self.assertEqual(self.printed([PYTHON, "-c", code], PYTHONDONTWRITEBYTECODE="1"), "[] True")

    def test_its_bytecode_is_kept_where_the_programs_is_not(self) -> None:
        """Also that of what is only loaded later."""
        agent = os.path.join(self.folder, "agent")
        for part in ("boot", "wiretime"):
            source = os.path.join(os.path.dirname(BOOT), part)
            shutil.copytree(source, os.path.join(agent, part), ignore=shutil.ignore_patterns("__pycache__"))
        self.file("own.py", "")
        code = "import sys, http.server, socket; sys.path.insert(0, sys.argv[1]); import own"
        env = {
            **self.collector.environment(),
            "PYTHONPATH": os.path.join(agent, "boot"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        subprocess.run([PYTHON, "-c", code, self.folder], env=env, check=True)
        kept = {
            name.partition(".")[0]
            for _, _, names in os.walk(agent)
            for name in names
            if name.endswith(".pyc")
        }
        self.assertLessEqual({"main", "record", "noting", "socket_bytes", "http_client"}, kept)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "__pycache__")))

    def test_it_imports_nothing_the_program_does_not(self) -> None:
        """Nor anything of its own that the program does not need."""
        code = "import sys; print([n for n in ('socket', 'ssl', 'asyncio', 'json', 'threading', 're') if n in sys.modules])"
        without = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=True).stdout
        self.assertEqual(self.printed([PYTHON, "-c", code]), without)

    def test_the_service_has_a_name(self) -> None:
        ask = "import socket; socket.socket().connect_ex(('127.0.0.1', 1))"
        self.file("shop/cart.py", ask)
        self.file("billing/app.py", ask)
        self.file("named/pyproject.toml", "[build-system]\nname = 'no'\n[project]\nname = 'ledger' # ours\n")
        self.file("named/src/main.py", ask)
        for file, name in (
            ("shop/cart.py", "cart"),
            ("billing/app.py", "billing"),
            ("named/src/main.py", "ledger"),
        ):
            with self.subTest(name):
                known = len(self.collector.of("hello"))
                subprocess.run(
                    [PYTHON, os.path.join(self.folder, file)], env=self.collector.environment(), check=True
                )
                until("it said hello", lambda: len(self.collector.of("hello")) > known)
                self.assertEqual(self.collector.of("hello")[-1].payload["service"], name)
        run(ask, collector=self.collector, WIRETIME_SERVICE="chosen", check=False)
        self.assertEqual(self.collector.of("hello")[-1].payload["service"], "chosen")


if __name__ == "__main__":
    unittest.main()
