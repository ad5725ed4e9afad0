"""docs/debugging.md: each command does what the page says, typed as it stands, and answers at least what is shown."""

import http.cookiejar
import json
import math
import os
import re
import select
import shlex
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from examples._server import Server

from .conftest import ROOT

PAGE = (ROOT / "docs" / "debugging.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = [text for kind, text in BLOCKS if kind == "sh"]
ANSWERED = [(command, *answer) for (kind, command), answer in pairwise(BLOCKS) if kind == "sh" != answer[0]]
"""A command, and what its answer is shown as: "json" or "text", and the answer."""

ADDRESS = "localhost:50051"
PATH = f"{ROOT / '.tools/bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
PATIENCE = 300

pytestmark = pytest.mark.timeout(600)  # What is learned and trained counts to the first test.


class Place(NamedTuple):
    """A folder like the project's own, and where its server listens."""

    folder: Path
    address: str


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server that has learned as `make run` has it do, with a model, and a folder with the files that the page writes."""
    folder = tmp_path_factory.mktemp("debugging")
    (folder / "examples").symlink_to(ROOT / "examples")
    # History is what the page shows; the model may be of less, and is trained sooner so.
    assay(folder, "learn", "time_hour < TIMESTAMPTZ '2013-10-01 04:00+00'")
    assay(folder, "train", "time_hour < TIMESTAMPTZ '2013-02-01 04:00+00'", "--activate")
    for command in COMMANDS:
        if command.startswith("cat > "):
            assert bash(command, Place(folder, "")).returncode == 0
    with Server(contracts=ROOT / "examples" / "contracts", data=folder / "data") as server:
        yield Place(folder, server.address)


def assay(folder: Path, command: str, rows: str, *options: str) -> None:
    """Learn or train from some of the flights."""
    words = ["assay", command, "flight.arrived", "examples/data/flights.parquet", *options, "--timestamp", "time_hour"]
    words += ["--query", f"SELECT * FROM flights WHERE {rows}", "--contracts", "examples/contracts", "--data", "data"]
    done = bash(shlex.join(words), Place(folder, ""))
    assert done.returncode == 0, done.stdout


def bash(command: str, place: Place) -> "subprocess.CompletedProcess[str]":
    """Type a command in a shell. Errors are in its output too, as on a terminal."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ASSAY_")}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command.replace(ADDRESS, place.address)],
        cwd=place.folder,
        env={**environment, "PATH": PATH, "COLUMNS": "200"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def need(*tools: str) -> None:
    """Skip the test where a tool is not there, which it must be with CI=true."""
    for tool in tools:
        if shutil.which(tool, path=PATH) is None:
            assert os.environ.get("CI") != "true", f"{tool} is not there: make tools"
            pytest.skip(f"{tool} is not there: it needs Go")


def parsed(text: str) -> list[Any]:
    """Return the JSON values that stand one behind the other."""
    decoder, found = json.JSONDecoder(), []
    while text := text.strip():
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:]
    return found


def shows(shown: Any, given: Any) -> bool:
    """Whether an answer has all that is shown of it: objects may have more, lists more in between."""
    if isinstance(shown, dict):
        return isinstance(given, dict) and all(name in given and shows(value, given[name]) for name, value in shown.items())
    if isinstance(shown, list):
        rest = iter(given)
        return isinstance(given, list) and all(any(shows(one, other) for other in rest) for one in shown)
    if isinstance(shown, float):
        return math.isclose(shown, given, rel_tol=1e-9)
    return bool(shown == given)


def test_every_command_is_run() -> None:
    """All but how to come by the tools, what writes a file, and grpcui have an answer beside them."""
    answered = {command for command, *_ in ANSWERED}
    others = [command.split()[0] for command in COMMANDS if command not in answered]

    assert others == ["make", "cat", "grpcui"]
    assert len(answered) >= 15


@pytest.mark.parametrize(
    ("command", "kind", "answer"), ANSWERED, ids=[f"{n} {c.split()[0]}" for n, (c, *_) in enumerate(ANSWERED)]
)
def test_the_answer_is_as_shown(place: Place, command: str, kind: str, answer: str) -> None:
    """JSON as values, which may be shortened; other text as lines of what is printed, which may have more."""
    need(*{tool for tool in ("grpcurl", "buf", "ghz") if re.search(rf"^ *{tool} ", command, re.MULTILINE)})

    done = bash(command, place)

    if kind == "json":
        assert done.returncode == 0, done.stdout
        assert shows(parsed(answer), parsed(done.stdout)), done.stdout
    else:
        fails = "Code:" in answer or command.startswith("assay check")
        assert bool(done.returncode) == fails, done.stdout
        for line in answer.splitlines():
            assert line.strip() in done.stdout, done.stdout


def test_a_file_gives_the_same_verdicts_whichever_way_it_is_sent(place: Place) -> None:
    """As a stream, and in one call."""
    need("grpcurl", "buf")
    stream, batch = (
        bash(next(command for command in COMMANDS if method in command and "sed " in command), place)
        for method in ("/ValidateStream", "/ValidateBatch")
    )

    one_by_one = [verdict.get("valid", False) for answer in parsed(stream.stdout) for verdict in answer["verdicts"]]
    [together] = parsed(batch.stdout)
    assert one_by_one == [verdict.get("valid", False) for verdict in together["verdicts"]]
    assert set(one_by_one) == {True, False}


def test_grpcui_shows_a_form_and_calls(place: Place) -> None:
    """Its page lists the methods, and what the page's button does gives a verdict."""
    need("grpcui")
    [command] = [command for command in COMMANDS if command.startswith("grpcui ")]
    words = shlex.split(command.replace(ADDRESS, place.address))
    process = subprocess.Popen(
        [shutil.which(words[0], path=PATH) or "", "-open-browser=false", *words[1:]],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        url = address_of(process)
        cookies = http.cookiejar.CookieJar()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
        page = browser.open(url, timeout=PATIENCE).read().decode()
        [token] = [cookie.value or "" for cookie in cookies if "csrf" in cookie.name]
        call = urllib.request.Request(
            f"{url}invoke/assay.v1.ValidationService.Validate",
            data=json.dumps({"metadata": [], "data": [json.loads((place.folder / "request.json").read_text())]}).encode(),
            headers={"Content-Type": "application/json", "X-Grpcui-Csrf-Token": token},
        )
        answer = json.load(browser.open(call, timeout=PATIENCE))
    finally:
        process.kill()
        process.communicate()

    assert "ValidateStream" in page
    assert answer["error"] is None
    assert answer["responses"][0]["message"]["verdict"]["valid"] is True


def address_of(process: "subprocess.Popen[str]") -> str:
    """Return the address of the page, once grpcui prints it."""
    assert process.stdout is not None
    said, until = "", time.monotonic() + PATIENCE
    while not (found := re.search(r"available at (http://\S+/)", said)):
        readable, _, _ = select.select([process.stdout], [], [], max(0.0, until - time.monotonic()))
        assert readable, said
        read = os.read(process.stdout.fileno(), 4096).decode()
        assert read, said
        said += read
    return found[1]
