# Real databases for tests, and what they say they were asked. In: WIRETIME_TEST_SERVERS, which scripts/test-python.ts sets.
# Out: addresses; the statements in the database's own log. The log is read without any driver under test.

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import Any

SERVERS: dict[str, dict[str, Any]] = json.loads(os.environ.get("WIRETIME_TEST_SERVERS", "{}"))
HAS_SERVERS = bool(SERVERS)
_LOGGED = re.compile(r"LOG:  (?:statement|execute [^:]*): (.*)")


def postgres(text: str, *settings: str) -> str:
    """Runs SQL with psql."""
    server = SERVERS["postgres"]
    command = [
        "psql",
        "-X",
        "-q",
        "-t",
        "-A",
        "-h",
        server["socket"],
        "-p",
        str(server["port"]),
        "-U",
        "postgres",
    ]
    return subprocess.run(
        [*command, "-c", text, *settings], check=True, capture_output=True, text=True
    ).stdout


def mariadb(text: str) -> str:
    server = SERVERS["mariadb"]
    command = [
        "mariadb",
        "--no-defaults",
        "-N",
        "-S",
        server["socket"],
        "-u",
        server["user"],
        "-D",
        server["database"],
    ]
    return subprocess.run(
        [*command, f"-p{server['password']}", "-e", text],
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def log_postgres_statements() -> None:
    """From now on, of connections that are opened later."""
    for setting in (
        "log_statement = 'all'",
        "log_min_messages = 'warning'",
        "log_line_prefix = '[%a] '",
    ):
        postgres(f"ALTER SYSTEM SET {setting}")
    postgres("SELECT pg_reload_conf()")


def postgres_statements(application: str) -> list[str]:
    """That connections with this application_name sent."""
    found = []
    with open(os.path.join(SERVERS["postgres"]["socket"], "log-0"), encoding="utf-8") as file:
        for line in file:
            logged = _LOGGED.search(line)
            if logged and line.startswith(f"[{application}]"):
                found.append(logged.group(1).strip())
    return found


def log_mariadb_statements() -> None:
    mariadb_root("SET GLOBAL log_output = 'TABLE'; SET GLOBAL general_log = ON")


def mariadb_root(text: str) -> str:
    server = SERVERS["mariadb"]
    command = [
        "mariadb",
        "--no-defaults",
        "-N",
        "-r",
        "-S",
        server["socket"],
        "-u",
        "root",
        "-e",
        text,
    ]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def mariadb_statements(mark: str) -> list[str]:
    """Of the connections that asked something with this mark in it."""
    text = f"""SELECT argument FROM mysql.general_log WHERE command_type = 'Query' AND thread_id IN
        (SELECT thread_id FROM mysql.general_log WHERE argument LIKE '%{mark}%' AND command_type = 'Query'
         AND user_host LIKE 'wiretime%') ORDER BY event_time"""
    return mariadb_root(text).splitlines()
