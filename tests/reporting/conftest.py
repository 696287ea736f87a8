import shutil

import pytest


@pytest.fixture(autouse=True)
def no_files_stay(settings):
    """Storage has no transaction that a test's end would undo."""
    yield
    shutil.rmtree(settings.EVIDENCE_ROOT, ignore_errors=True)
