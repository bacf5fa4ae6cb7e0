"""Run in a fresh environment: imports every module of runhooks, prints as JSON what it found.

A module may be missing what its extra installs; it is then listed as skipped, with that name.
"""

import importlib
import json
import pkgutil
from importlib.resources import files

import runhooks


def module_names() -> list[str]:
    found = pkgutil.walk_packages(runhooks.__path__, "runhooks.")
    return ["runhooks", *(module.name for module in found if not module.name.endswith("__main__"))]


def import_all() -> tuple[list[str], dict[str, str]]:
    imported, skipped = [], {}
    for name in module_names():
        try:
            importlib.import_module(name)
        except ImportError as error:
            missing: BaseException = error
            while missing.__cause__ is not None:  # a MissingExtraError tells what it found missing
                missing = missing.__cause__
            if not isinstance(missing, ModuleNotFoundError) or (missing.name or "").startswith("runhooks"):
                raise
            skipped[name] = missing.name
        else:
            imported.append(name)
    return imported, skipped


modules, skipped = import_all()
static = [path.name for path in (files("runhooks.site") / "static").iterdir()]
print(json.dumps({"file": runhooks.__file__, "modules": modules, "skipped": skipped, "static": static}))
