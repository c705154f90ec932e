"""What a laptop at a visit sends, and the keys that open it."""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies: ClassVar = [
        ('booking', '0006_vouched_by'),
        ('photos', '0003_judged_in_full'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name='capture',
            name='accepted_anyway',
            field=models.CharField(blank=True, choices=[('body', 'Body'), ('covering', 'Covering'), ('glasses', 'Glasses'), ('room', 'Room')], max_length=10),
        ),
        migrations.AddField(
            model_name='capture',
            name='seconds',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='capture',
            name='station',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='capture',
            name='tries',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AlterField(
            model_name='capture',
            name='source',
            field=models.CharField(choices=[('camera', 'Camera'), ('folder', 'Folder'), ('file', 'File')], max_length=8),
        ),
        migrations.CreateModel(
            name='StationKey',
            fields=[
                ('visit', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='station_key', serialize=False, to='booking.visit')),
                ('public_key', models.BinaryField()),
                ('private_key', models.BinaryField()),
                ('made_at', models.DateTimeField(auto_now_add=True)),
                ('destroyed_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('destroyed_at', None), ('private_key', b''), _connector='OR'), name='station_key_destroyed')],
            },
        ),
        migrations.CreateModel(
            name='Laptop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('device', models.UUIDField()),
                ('version', models.CharField(max_length=64)),
                ('prepared_at', models.DateTimeField()),
                ('unsent', models.PositiveIntegerField(default=0)),
                ('reported_at', models.DateTimeField(null=True)),
                ('cleaned_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='laptops', to='booking.visit')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('visit', 'device', 'user'), name='laptop_once')],
            },
        ),
        migrations.CreateModel(
            name='StationRecord',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('subject', models.UUIDField(db_index=True)),
                ('device', models.UUIDField()),
                ('sha256', models.CharField(max_length=64)),
                ('byte_size', models.PositiveIntegerField()),
                ('stored_as', models.CharField(blank=True, max_length=120)),
                ('way', models.CharField(choices=[('network', 'Network'), ('rescue', 'Rescue')], default='network', max_length=8)),
                ('received_at', models.DateTimeField(auto_now_add=True)),
                ('kind', models.CharField(blank=True, choices=[('photo', 'Photo'), ('no_show', 'No Show'), ('note', 'Note')], max_length=8)),
                ('header', models.JSONField(blank=True, default=dict)),
                ('opened_at', models.DateTimeField(null=True)),
                ('state', models.CharField(choices=[('received', 'Received'), ('taken', 'Taken'), ('conflict', 'Conflict'), ('settled', 'Settled')], default='received', max_length=8)),
                ('conflict', models.CharField(blank=True, choices=[('cancelled', 'Cancelled'), ('two_laptops', 'Two Laptops'), ('two_photos', 'Two Photos'), ('unknown_walk_in', 'Unknown Walk In'), ('verdict_differs', 'Verdict Differs'), ('not_acceptable', 'Not Acceptable'), ('need_ended', 'Need Ended'), ('came_after_all', 'Came After All'), ('cannot_open', 'Cannot Open'), ('file_missing', 'File Missing'), ('not_taken_in', 'Not Taken In')], max_length=16)),
                ('settled_as', models.CharField(blank=True, max_length=12)),
                ('settled_at', models.DateTimeField(null=True)),
                ('sent_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('settled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='station_records', to='booking.visit')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'received')), fields=['received_at'], name='station_record_not_opened'), models.Index(condition=models.Q(('state', 'conflict')), fields=['received_at'], name='station_record_conflict')],
            },
        ),
    ]
