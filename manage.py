#!/usr/bin/env python
"""Runs Django with site/ on the import path."""

import os
import sys
from pathlib import Path


def main() -> None:
    # `site` is a module of Python's own library, so the folder is a path and never a package.
    sys.path.insert(1, str(Path(__file__).resolve().parent / "site"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
