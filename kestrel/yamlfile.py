"""YAML files checked against a pydantic model, with file, line and field in every error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from kestrel.errors import FileError

MAX_FILE_BYTES = 16 * 1024 * 1024
_UNQUOTED = "not YAML: put each value into quotes (nothing of this file is told)"

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlFile(Generic[M]):
    """What a file says, and where."""

    content: M
    node: yaml.Node | None

    def line_of(self, loc: Sequence[str | int]) -> int:
        """The line of a field or an item, by the names and places that lead to it."""
        return _line_of(self.node, tuple(loc))


def load_yaml(path: Path, model: type[M]) -> M:
    """Read ``path`` as ``model``; raises `FileError` with all faults, each with its line.

    Where the model hides what is put into it (``hide_input_in_errors``), no error quotes anything but its own fields.
    """
    return read_yaml(path, model).content


def read_yaml(path: Path, model: type[M]) -> YamlFile[M]:
    """As `load_yaml`, and where in the file each part stands."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise FileError(path, f"larger than {MAX_FILE_BYTES} bytes")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FileError(path, "no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(path, f"cannot be read: {error}") from None
    secret = bool(model.model_config.get("hide_input_in_errors"))
    try:
        node, data = _parsed(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise FileError(path, _UNQUOTED if secret else f"not YAML: {error.problem}", line=line) from None
    except (yaml.YAMLError, ValueError, AttributeError) as error:  # its reader's, and what a tag or a date is not
        raise FileError(path, _UNQUOTED if secret else f"not YAML: {error}") from None
    _refuse_double_keys(path, node, secret=secret)
    try:
        return YamlFile(content=model.model_validate(data), node=node)
    except ValidationError as error:
        raise _file_error(path, node, error, secret=secret) from None


def _parsed(text: str) -> tuple[yaml.Node | None, Any]:
    """Where each part stands, and what the whole says."""
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        return node, loader.construct_document(node) if node is not None else None
    finally:
        loader.dispose()


def _file_error(path: Path, node: yaml.Node | None, error: ValidationError, *, secret: bool) -> FileError:
    faults = []
    for fault in error.errors(include_url=False, include_input=False):
        loc = fault["loc"]
        of_parts = fault.get("ctx", {}).get("faults")
        if of_parts is not None:  # a check of the whole that says which of its parts do not fit together
            faults += [
                (_line_of(node, (*loc, *part)), ".".join(map(str, (*loc, *part))), text) for part, text in of_parts
            ]
            continue
        message = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            message = "unknown field: remove it or correct its spelling"
            if secret:  # it may be what follows the comma of a password without quotes
                faults.append((_line_of(node, loc), ".".join(map(str, loc[:-1])), message))
                continue
        elif fault["type"] == "missing":
            message = "is missing: add it"
        faults.append((_line_of(node, loc), ".".join(str(part) for part in loc), message))
    line, field, problem = faults[0]
    more = [f"{path}:{ln}: {fl + ': ' if fl else ''}{msg}" for ln, fl, msg in faults[1:]]
    return FileError(path, "\n".join([problem, *more]), line=line, field=field)


def _line_of(node: yaml.Node | None, loc: tuple[Any, ...]) -> int:
    line = node.start_mark.line + 1 if node is not None else 1
    for part in loc:
        child: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    child, line = value, key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            child = node.value[part]
            line = child.start_mark.line + 1
        if child is not None:
            node = child  # else the name of one of several models, which stands in no file
    return line


def _refuse_double_keys(path: Path, node: yaml.Node | None, *, secret: bool) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    field = "" if secret else key.value
                    raise FileError(path, "stands twice: keep one", line=key.start_mark.line + 1, field=field)
                seen.add(key.value)
            _refuse_double_keys(path, value, secret=secret)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_double_keys(path, item, secret=secret)
