import subprocess
import sys

import pytest

import corpus


def test_every_public_name_is_there() -> None:
    for name in corpus.__all__:
        assert getattr(corpus, name) is not None
    assert dir(corpus) == sorted(corpus.__all__)


def test_a_name_that_is_not_public_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Analyzer'"):
        _ = corpus.Analyzer


def test_importing_the_package_loads_none_of_its_modules() -> None:
    code = "import corpus, sys; print([name for name in sys.modules if name.startswith('corpus.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
