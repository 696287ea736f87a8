"""Indexes that are made while the site serves."""

import pytest
from django.db import connection

from home.migration_operations import concurrently
from reporting.models import Report

OPEN = {"report_open_due", "report_open_age", "report_all_open_due", "report_all_open_age"}
pytestmark = pytest.mark.both_databases


@pytest.mark.django_db
def test_the_indexes_are_there():
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, Report._meta.db_table)
    assert found.keys() >= OPEN


@pytest.mark.django_db
def test_inside_a_transaction_no_index_is_made_concurrently():
    assert concurrently(connection.schema_editor()) == {}


@pytest.mark.django_db(transaction=True)
def test_outside_of_one_postgresql_keeps_nobody_from_writing():
    is_postgresql = connection.vendor == "postgresql"
    expected = {"concurrently": True} if is_postgresql else {}
    assert concurrently(connection.schema_editor()) == expected
