from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from polyproof_gym.lazy import names_of_modules


def test_modules_are_loaded_when_a_name_of_theirs_is_used() -> None:
    find = names_of_modules("email", {"mime.text": "MIMEText", "charset": "Charset QP"})
    assert find("QP") == import_module("email.charset").QP
    assert find("MIMEText") is import_module("email.mime.text").MIMEText
    with pytest.raises(AttributeError, match="'email' has no attribute 'mime'"):
        find("mime")


@pytest.mark.parametrize("package", ["polyproof_gym", "polyproof_gym.proofs"])
def test_all_names_that_are_exported_can_be_had(package: str) -> None:
    code = f"from {package} import *; import {package} as p; print([n for n in p.__all__ if n not in globals()])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
