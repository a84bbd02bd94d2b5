import inspect

import pytest

from sightline.core import errors
from sightline.core.errors import AppError

TREE = [member for _, member in inspect.getmembers(errors, inspect.isclass) if issubclass(member, AppError)]


@pytest.mark.parametrize("error", TREE, ids=lambda error: error.__name__)
def test_the_tree_in_the_docstring_is_the_tree_in_the_code(error: type[AppError]) -> None:
    assert errors.__doc__ is not None
    rows = [line.split() for line in errors.__doc__.splitlines() if error.__name__ in line.split()]
    if error is AppError:
        return
    assert len(rows) == 1, f"{error.__name__} needs one line in the tree"
    name_at = rows[0].index(error.__name__)
    assert rows[0][name_at + 1 : name_at + 4] == [str(error.status), error.code, str(error.exit_code)]


def test_codes_are_unique() -> None:
    codes = [error.code for error in TREE]
    assert len(codes) == len(set(codes))


def test_an_error_carries_what_to_do_next() -> None:
    error = errors.SourceDenied("rtsp://camera/1 refused the password", hint="Check user and password.")
    assert (str(error), error.hint) == ("rtsp://camera/1 refused the password", "Check user and password.")
