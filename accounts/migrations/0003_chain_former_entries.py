"""Chains the entries that are there, in the order in which they were added.

The fields are named here once more: entries of later releases may say more, these never will.
"""

from typing import Any

from django.db import migrations

from home import chain

BATCH = 500


def chain_entries(apps: Any, schema_editor: Any) -> None:
    entries = apps.get_model("accounts", "AccountLog")._base_manager
    last = entries.filter(number__isnull=False).order_by("-number").first()
    number, digest = (last.number, last.digest) if last else (0, chain.FIRST)
    while batch := list(entries.filter(number__isnull=True).order_by("pk")[:BATCH]):
        for entry in batch:
            number += 1
            said = [
                number,
                entry.at.timestamp(),
                entry.actor_id,
                entry.person_id,
                entry.action,
                entry.reason,
                entry.data,
                digest,
            ]
            previous, digest = digest, chain.keyed_digest(said, purpose="accounts.log")
            entries.filter(pk=entry.pk).update(number=number, previous=previous, digest=digest)
    proof = chain.keyed_digest([number, digest], purpose="accounts.log.end")
    apps.get_model("accounts", "AccountLogEnd").objects.update_or_create(
        pk=1, defaults={"number": number, "digest": digest, "proof": proof}
    )


def unchain_entries(apps: Any, schema_editor: Any) -> None:
    apps.get_model("accounts", "AccountLog")._base_manager.update(
        number=None, previous="", digest=""
    )
    apps.get_model("accounts", "AccountLogEnd").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_log_chain")]

    operations = [migrations.RunPython(chain_entries, unchain_entries)]
