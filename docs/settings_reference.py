"""Writes docs/reference/settings.md from the settings classes in the source: `make docs`. Reads them with `ast`."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "reference" / "settings.md"
CLASSES = (
    ("kestrel/settings.py", "ProcessSettings", "Every process"),
    ("kestrel/settings.py", "LinkSettings", "Every process that speaks MQTT (dispatcher, dock agent)"),
    ("dispatcher/settings.py", "DispatcherSettings", "Dispatcher"),
    ("dock_agent/settings.py", "AgentSettings", "Dock agent"),
    ("media/settings.py", "MediaSettings", "Media process"),
)
HEAD = """# Settings

Each process reads its settings once, from the environment and, beneath it, from the file that `KESTREL_CONFIG` names
(`KEY=value` lines). A name below is the variable's; a process refuses to start on a value that cannot be, and names it.
The simulator takes its own from the command line and the scenario: `kestrel simulator --help`.

This page is written by `make docs` from the source.
"""


@dataclass(frozen=True)
class Setting:
    """One row."""

    name: str
    kind: str
    default: str
    says: str


def settings_of(path: Path, class_name: str) -> list[Setting]:
    """The fields of one class, in their order."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    (found,) = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == class_name]
    rows: list[Setting] = []
    for position, node in enumerate(found.body):
        if not (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)):
            continue
        after = found.body[position + 1] if position + 1 < len(found.body) else None
        says = ""
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            says = " ".join(str(after.value.value).split()).replace("``", "`").replace("|", "\\|")
        default, limits = _default(node.value)
        rows.append(
            Setting(
                name=f"KESTREL_{node.target.id.upper()}",
                kind=_kind(node.annotation) + limits,
                default=default,
                says=says,
            )
        )
    return rows


def _kind(annotation: ast.expr) -> str:
    """The type; of an ``Annotated`` one what it annotates."""
    if isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value) == "Annotated":
        inside = annotation.slice
        annotation = inside.elts[0] if isinstance(inside, ast.Tuple) else inside
    return ast.unparse(annotation).replace(" | None", "").replace("|", "\\|")


def _default(value: ast.expr | None) -> tuple[str, str]:
    if value is None:
        return "required", ""
    if isinstance(value, ast.Call) and ast.unparse(value.func) == "Field":
        given = {word.arg: ast.unparse(word.value) for word in value.keywords}
        signs = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
        limits = ", ".join(f"{sign} {given[name]}" for name, sign in signs.items() if name in given)
        return (f"`{given['default']}`" if "default" in given else "required"), (f", {limits}" if limits else "")
    text = ast.unparse(value)
    return ("none" if text == "None" else f"`{text}`"), ""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for file, class_name, title in CLASSES:
        parts.append(f"\n## {title}\n\n| variable | value | default | what it is |\n|---|---|---|---|\n")
        parts += [
            f"| `{row.name}` | {row.kind} | {row.default} | {row.says} |\n"
            for row in settings_of(ROOT / file, class_name)
        ]
    return "".join(parts)


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"wrote {TARGET.relative_to(ROOT)}\n")
