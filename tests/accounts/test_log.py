"""The log of accounts proves itself: whatever is done to its rows, somebody sees it."""

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts import administration, history
from accounts.history import record
from accounts.models import AccountLog, AccountLogEnd
from accounts.tasks import LogIsBroken, check_log
from home import chain
from tests.factories import MembershipFactory, UserFactory
from tests.processes import ROOT
from tests.reporting.test_many_writers import address

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
SQL = {
    "a word": "UPDATE accounts_accountlog SET reason = 'another' WHERE number = 2",
    "who": "UPDATE accounts_accountlog SET actor_id = person_id WHERE number = 2",
    "an entry": "DELETE FROM accounts_accountlog WHERE number = 2",
    "the last ones": "DELETE FROM accounts_accountlog WHERE number > 2",
    "all": "DELETE FROM accounts_accountlog",
    "the end": "DELETE FROM accounts_accountlogend",
    "the end's place": "UPDATE accounts_accountlogend SET number = 0",
    "everything": "DELETE FROM accounts_accountlog; DELETE FROM accounts_accountlogend",
    "the order": "UPDATE accounts_accountlog SET number = 9 - number WHERE number > 0",
}


@pytest.fixture
def empty_log(db):
    """As a migration leaves it; a test before this one may have emptied every table."""
    AccountLogEnd(pk=history.END).move_to(AccountLog(number=0, digest=chain.FIRST))


@pytest.fixture
def log(empty_log, officer):
    """Four entries, and nothing wrong with them."""
    for name in ("end_sessions", "deactivate", "activate", "invite"):
        record(name, officer, by=None, reason="as it was")
    assert list(history.breaks()) == []
    return AccountLog.objects.chained()


def run(statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements.split(";"):
            cursor.execute(statement)


@pytest.mark.parametrize("changed", SQL)
def test_what_is_changed_in_the_database_is_seen(log, changed):
    run(SQL[changed])
    assert list(history.breaks())
    with pytest.raises(CommandError):
        call_command("check_account_log")
    with pytest.raises(LogIsBroken):
        check_log.call()


CUT = "DELETE FROM accounts_accountlog WHERE number > 2"
CUTS = {
    "the end moved back": f"{CUT}; UPDATE accounts_accountlogend SET number = 2, digest = "
    "(SELECT digest FROM accounts_accountlog WHERE number = 2)",
    "everything": SQL["everything"],
    "begun anew": "DELETE FROM accounts_accountlog; "
    f"UPDATE accounts_accountlogend SET number = 0, digest = '{chain.FIRST}'",
}


@pytest.mark.parametrize("cut", CUTS)
def test_what_was_cut_off_is_seen_however_much_is_added_afterwards(log, officer, cut):
    """We must not sign an end that somebody else put there: whoever looks comes once a day."""
    run(CUTS[cut])
    for _ in range(2):
        record("invite", officer, by=None)
    assert list(history.breaks())


def test_the_broken_entry_is_named_and_nothing_that_stands_in_it(log, capsys):
    run(SQL["a word"])
    with pytest.raises(CommandError):
        call_command("check_account_log")
    said = capsys.readouterr().err
    assert "Entry 2:" in said
    assert "another" not in said
    assert len(list(history.breaks())) == 1


def test_who_has_the_database_alone_cannot_chain_anew(log, settings):
    """With another key everything can be written, down to the end, and none of it is ours."""
    ours = settings.SECRET_KEY
    settings.SECRET_KEY = "of somebody who took the database and nothing else"
    run("DELETE FROM accounts_accountlog WHERE number > 2")
    run("DELETE FROM accounts_accountlogend")
    AccountLogEnd(pk=history.END).move_to(log.get(number=2))
    settings.SECRET_KEY = ours
    assert [found.number for found in history.breaks()] == [0]


def test_a_key_that_was_replaced_still_proves_what_it_made(log, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the new one, which made nothing until now"
    record("invite", UserFactory(), by=None)
    assert list(history.breaks()) == []
    settings.SECRET_KEY_FALLBACKS = []
    assert list(history.breaks())


def test_a_log_that_is_whole_says_how_long_it_is(log, capsys):
    call_command("check_account_log")
    assert f"Entries: 4, the last one's digest {log.last().digest}" in capsys.readouterr().out
    check_log.call()


def test_the_log_is_added_to_and_nothing_else(log, officer):
    entry = log.last()
    entry.action = "deactivate"
    for change in (
        entry.save,
        entry.delete,
        AccountLog.objects.all().delete,
        lambda: AccountLog.objects.update(action="activate"),
        lambda: AccountLog.objects.create(person=officer, action="activate"),
        lambda: AccountLog.objects.bulk_create([AccountLog(person=officer, action="activate")]),
    ):
        with pytest.raises(TypeError):
            change()


# --- Upgrades ----------------------------------------------------------------------------------


def add_as_the_release_before(log) -> None:
    """A copy of the first entry, written without what that release does not know."""
    run(
        "INSERT INTO accounts_accountlog (at, actor_id, person_id, action, reason, data) "
        "SELECT at, actor_id, person_id, action, reason, data FROM accounts_accountlog "
        "WHERE number = 1"
    )


def test_what_the_release_before_adds_is_named_until_somebody_takes_it_in(log, capsys):
    add_as_the_release_before(log)
    record("invite", UserFactory(), by=None)
    with pytest.raises(CommandError):
        call_command("check_account_log")
    call_command("check_account_log", adopt="the upgrade of this night")
    assert list(history.breaks()) == []
    last = AccountLog.objects.chained().last()
    assert (last.action, last.reason) == ("adopt", "the upgrade of this night")
    assert last.data == {"entries": 1}


def test_entries_from_before_the_chain_are_chained_in_their_order(log):
    migration = import_module("accounts.migrations.0003_chain_former_entries")
    before = list(log.values_list("pk", "number", "digest"))
    migration.unchain_entries(apps, None)
    assert not AccountLog.objects.chained().exists()
    migration.chain_entries(apps, None)
    assert list(log.values_list("pk", "number", "digest")) == before
    assert list(history.breaks()) == []


# --- Many at once ------------------------------------------------------------------------------

WRITER = """
import sys, threading
import django
django.setup()
from django.db import connection, transaction
from accounts.history import record

def write():
    for _ in range(5):
        record("end_sessions", None, by=None)
    connection.close()

threads = [threading.Thread(target=write) for _ in range(3)]
sys.stdin.readline()  # all processes begin together
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


@pytest.mark.django_db(transaction=True)
def test_many_who_write_at_once_make_one_chain(empty_log):
    environment = os.environ | {
        "DATABASE_URL": address(),
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'site'}",
    }
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for writer in writers:
        writer.stdin.write("\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=120)
        assert writer.returncode == 0
    assert AccountLog.objects.chained().count() == 2 * 3 * 5
    assert list(history.breaks()) == []


@pytest.mark.django_db(transaction=True)
def test_whoever_changes_a_person_and_whoever_is_that_person_do_not_wait_for_each_other(empty_log):
    """HQ holds the person and wants the log; the person holds the log, where they are named."""
    if connection.vendor == "sqlite":
        pytest.skip("On SQLite writers take turns from their first word on.")
    person, hq = UserFactory(), MembershipFactory(role="hq").user
    is_held, is_logged = threading.Event(), threading.Event()

    def change_own_password() -> None:
        try:
            is_held.wait(10)
            with transaction.atomic():
                record("change_password", person, by=person)
                is_logged.set()
                time.sleep(0.5)  # HQ waits by now; at the end the database looks for the person
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool:
        own = pool.submit(change_own_password)
        with transaction.atomic():
            administration._locked(person)
            is_held.set()
            assert is_logged.wait(10)
            record("edit", person, by=hq)
        own.result()
    assert list(history.breaks()) == []
