"""The examples in the docstrings are true."""

import doctest
import importlib
import pkgutil

import pytest

import runhooks.site

MODULES = [module.name for module in pkgutil.iter_modules(runhooks.site.__path__, "runhooks.site.")]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
