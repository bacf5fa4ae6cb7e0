"""Ends for frameworks that have no hook for errors: their methods end the runs that were opened in them."""

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol

__all__ = ["Call", "Calls"]


class _Closing(Protocol):
    def close(self, error: BaseException | None = None) -> None: ...


@dataclass
class Call:
    """One call of a wrapped method, and the callbacks that opened runs in it.

    Attributes
    ----------
    name : str
        Of the method.
    owner : object
        What the method was called on; of a function, its first argument.
    arguments : mapping
        By name, as the method gets them.
    opened : list
        What is closed when the call ends, by how it ended.
    noted : object
        What `note` of :meth:`Calls.wrap` said before the call.
    """

    name: str
    owner: Any
    arguments: Mapping[str, Any]
    noted: Any = None
    opened: list[_Closing] = field(default_factory=list)


class Calls:
    """The calls in progress of the methods of one framework.

    Parameters
    ----------
    framework : str
    """

    def __init__(self, framework: str) -> None:
        self._current: ContextVar[Call | None] = ContextVar(f"runhooks_{framework}", default=None)

    @property
    def current(self) -> Call | None:
        """The innermost call that this code is in."""
        return self._current.get()

    def wrap(
        self,
        owner: Any,
        name: str,
        is_inner: Callable[[Call | None, Any, Mapping[str, Any]], bool] = lambda *_: False,
        note: Callable[[Any], Any] = lambda _: None,
        begin: Callable[[Call], None] = lambda _: None,
    ) -> None:
        """Make a method end runs; its signature, docstring and overriding stay as they were.

        Parameters
        ----------
        owner : class or module
            Where the method is.
        name : str
        is_inner : callable
            Takes the call that this one is in, the object and the keywords of this one; says whether this
            one is part of that, which then ends the runs.
        note : callable
            Takes the object before the call, for :attr:`Call.noted`.
        begin : callable
            Takes the call as it begins; for callbacks that hear of it too late.
        """
        method = getattr(owner, name)
        if getattr(method, "ends_runs", False):  # the integration is imported again
            method = method.__wrapped__
        signature = inspect.signature(method)

        @functools.wraps(method)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            first = args[0] if args else None
            if is_inner(self.current, first, kwargs):
                return method(*args, **kwargs)
            arguments: Mapping[str, Any] = {}
            with suppress(TypeError):  # the method says it better
                arguments = signature.bind(*args, **kwargs).arguments
            call = Call(name, first, arguments, note(first))
            with self._ending(call):
                begin(call)
                return method(*args, **kwargs)

        vars(wrapper)["ends_runs"] = True
        setattr(owner, name, wrapper)

    @contextmanager
    def _ending(self, call: Call) -> Iterator[None]:
        token = self._current.set(call)
        error: BaseException | None = None
        try:
            yield
        except BaseException as raised:
            error = raised
            raise
        finally:
            self._current.reset(token)
            for each in call.opened:
                each.close(error)
