"""Chain the log: what is there already is linked in the order in which it was written."""

import uuid
from typing import ClassVar

import django.db.models.functions.comparison
from django.db import migrations, models

from enrolment.audit.domain.chain import GENESIS, content_digest, link

CONTENT = ("federation_id", "at", "actor", "action", "subject", "details")


def link_lines(apps, schema_editor):
    """Link every line, and write down the heads."""
    entries = apps.get_model("audit", "Entry").objects
    heads = {}
    for line in entries.order_by("pk").iterator():
        sequence, previous = heads.get(line.federation_id, (0, GENESIS))
        line.digest = content_digest(**{name: getattr(line, name) for name in CONTENT})
        line.sequence, line.previous_hash = sequence + 1, previous
        line.hash = link(previous, line.sequence, line.digest)
        line.save()
        heads[line.federation_id] = line.sequence, line.hash
    head = apps.get_model("audit", "Head")
    for federation_id, (sequence, hash_) in heads.items():
        head.objects.create(federation_id=federation_id, sequence=sequence, hash=hash_)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("audit", "0001_initial")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Anchor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("federation_id", models.UUIDField(null=True)),
                ("day", models.DateField()),
                ("at", models.DateTimeField()),
                ("sequence", models.BigIntegerField()),
                ("hash", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="Head",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("federation_id", models.UUIDField(null=True)),
                ("sequence", models.BigIntegerField()),
                ("hash", models.CharField(max_length=64)),
            ],
        ),
        migrations.AddField(
            model_name="entry",
            name="digest",
            field=models.CharField(default="", max_length=64),
        ),
        migrations.AddField(
            model_name="entry",
            name="hash",
            field=models.CharField(default="", max_length=64),
        ),
        migrations.AddField(
            model_name="entry",
            name="previous_hash",
            field=models.CharField(default="", max_length=64),
        ),
        migrations.AddField(
            model_name="entry",
            name="sequence",
            field=models.BigIntegerField(null=True),
        ),
        migrations.RunPython(link_lines, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["actor"], name="entry_actor"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("sequence", None)),
                fields=["federation_id"],
                name="entry_unlinked",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(
                fields=("federation_id", "sequence"), name="entry_sequence"
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("federation_id", None)),
                fields=("sequence",),
                name="entry_house_sequence",
            ),
        ),
        migrations.AddConstraint(
            model_name="anchor",
            constraint=models.UniqueConstraint(
                fields=("federation_id", "day"), name="anchor_each_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="anchor",
            constraint=models.UniqueConstraint(
                condition=models.Q(("federation_id", None)),
                fields=("day",),
                name="anchor_of_house",
            ),
        ),
        migrations.AddConstraint(
            model_name="head",
            constraint=models.UniqueConstraint(
                django.db.models.functions.comparison.Coalesce(
                    "federation_id",
                    models.Value(uuid.UUID("00000000-0000-0000-0000-000000000000")),
                ),
                name="head_one_per_chain",
            ),
        ),
    ]
