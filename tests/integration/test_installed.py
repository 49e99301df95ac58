"""The wheel built where there is no Node, and installed where there is none: the demonstration has its console."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.demoprocess import demo

ROOT = Path(__file__).parents[2]
HIDDEN = {"node", "nodejs", "npm", "npx", "corepack"}
SOURCES_BESIDE = (".git", ".venv", "node_modules", "build", "dist", "run", "__pycache__")


@pytest.mark.nightly
@pytest.mark.timeout(900)
async def test_a_wheel_built_and_installed_without_node_serves_the_console(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(_path_without_node(tmp_path / "bin")))
    assert shutil.which("node") is None
    wheel = _build(tmp_path)
    names = zipfile.ZipFile(wheel).namelist()
    assert "dispatcher/console/index.html" in names
    assert any(name.startswith("dispatcher/console/assets/") and name.endswith(".js") for name in names)

    python = _installed(wheel, tmp_path / "fresh")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    async with demo(tmp_path, "--docks", "1", "--speed", "10", "--no-video", python=str(python)) as running:
        access = await running.access()
        async with httpx.AsyncClient(base_url=access["api"], trust_env=False, timeout=20) as browser:
            page = await browser.get("/")
            assert page.status_code == 200
            script = page.text.partition('src="/assets/')[2].partition('"')[0]
            assert script.endswith(".js")
            assert (await browser.get(f"/assets/{script}")).status_code == 200
            headers = {"Authorization": f"Bearer {access['tokens']['controller-1']}"}
            docks = (await browser.get("/api/v1/docks", headers=headers)).json()["docks"]
            assert len(docks) == 1


def _path_without_node(folder: Path) -> Path:
    """All that can be called now, but for Node and what comes with it."""
    folder.mkdir()
    for place in os.environ["PATH"].split(os.pathsep):
        for program in sorted(Path(place).iterdir()) if Path(place).is_dir() else ():
            link = folder / program.name
            if program.name not in HIDDEN and not link.exists() and not link.is_symlink():
                link.symlink_to(program)
    return folder


def _build(folder: Path) -> Path:
    """As pip does it from the sources, in an isolated environment; nothing built before is there."""
    sources = folder / "sources"
    shutil.copytree(ROOT, sources, ignore=shutil.ignore_patterns(*SOURCES_BESIDE, "console.built"), symlinks=True)
    shutil.rmtree(sources / "dispatcher" / "console", ignore_errors=True)
    _run(sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", str(folder / "dist"), str(sources))
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel


def _installed(wheel: Path, where: Path) -> Path:
    venv.create(where, with_pip=True)
    python = where / "bin" / "python"
    _run(str(python), "-m", "pip", "install", "--quiet", "--only-binary", ":all:", str(wheel))
    return python


def _run(*argv: str) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{argv}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
