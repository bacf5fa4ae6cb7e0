"""A run's config: what went in. A mapping with attribute access that never fails on a strange object."""

import os
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any

from ..errors import ArgumentError, MissingExtraError
from ..redact import redact_tree
from ..values import describe, pack, plain

__all__ = ["Config", "as_dict"]


class Config(MutableMapping[str, Any]):
    """The hyperparameters and settings of a run.

    Items and attributes are the same: ``config["lr"]``, ``config.lr``. Values are stored as plain data
    (dicts, lists, numbers, strings); what has no such form, as its repr.

    Parameters
    ----------
    record : callable
        Takes the packed changes; called after each change.
    allow_val_change : bool
        Whether a value that is set may be set to another one.
    """

    _record: Callable[[dict[str, Any]], None]
    _values: dict[str, Any]
    _allow: bool

    def __init__(self, record: Callable[[dict[str, Any]], None], allow_val_change: bool = False) -> None:
        vars(self).update(_record=record, _values={}, _allow=allow_val_change)

    def update(self, *sources: Any, allow_val_change: bool | None = None, **values: Any) -> None:
        """Set several values.

        Parameters
        ----------
        *sources
            Mappings, argparse namespaces, dataclasses, pydantic models, OmegaConf, absl flags, or the
            path of a YAML or JSON file.
        allow_val_change : bool, optional
            Whether values that are set may change here.

        Raises
        ------
        ArgumentError
            When a value that is set would change and that is not allowed; nothing is changed then.
        """
        new: dict[str, Any] = {}
        for source in (*sources, values):
            new.update(as_dict(source))
        self._set(new, self._allow if allow_val_change is None else allow_val_change)

    def setdefaults(self, source: Any) -> None:
        """Set the values of keys that are not set yet."""
        self._set(
            {key: value for key, value in as_dict(source).items() if key not in self._values}, allow=True
        )

    def load(self, values: dict[str, Any]) -> None:
        """Take the values of a run that is resumed; they are in the record already."""
        self._values.update(values)

    def copy(self) -> dict[str, Any]:
        """Return a copy of all values."""
        return dict(self._values)

    def _set(self, new: dict[str, Any], allow: bool) -> None:
        changed = {
            key: value for key, value in new.items() if key not in self._values or self._values[key] != value
        }
        for key, value in changed.items():
            if not allow and key in self._values:
                raise ArgumentError(
                    f"config {key!r} is {describe(self._values[key])} and would become {describe(value)}; "
                    "pass allow_val_change=True to config.update() or init()"
                )
        self._values.update(changed)
        if changed:
            self._record(redact_tree(pack(changed)))

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._set({str(key): plain(value)}, self._allow)

    def __delitem__(self, key: str) -> None:
        raise TypeError("config values cannot be removed: the record keeps what the run was given")

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise AttributeError(f"config has no {name!r}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __repr__(self) -> str:
        return f"Config({self._values!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (self._values,)


def as_dict(source: Any) -> dict[str, Any]:
    """Return a config in any of the forms that :meth:`Config.update` takes as plain data.

    Raises
    ------
    ArgumentError
        When it is in none of them.
    """
    if source is None:
        return {}
    if isinstance(source, str | os.PathLike):
        source = _read_file(Path(source))
    if isinstance(source, Config):
        return source.copy()
    found = plain(source)
    if not isinstance(found, dict):
        raise ArgumentError(
            "config must be a mapping, namespace, dataclass or the path of a YAML or JSON file, "
            f"not {describe(source)}"
        )
    return found


def _read_file(path: Path) -> Mapping[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ArgumentError(f"config file {path} cannot be read: {error}") from error
    try:
        import yaml
    except ImportError as error:
        raise MissingExtraError("reading a config file needs PyYAML: pip install pyyaml") from error
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ArgumentError(f"config file {path} is no YAML: {error}") from error
    if not isinstance(found, dict):
        raise ArgumentError(f"config file {path} holds no mapping at its top level")
    return found
