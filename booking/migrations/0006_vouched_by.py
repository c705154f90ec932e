"""Somebody without an id document may be vouched for by name."""

from typing import ClassVar

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies: ClassVar = [
        ('booking', '0005_planning_guards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name='identitycheck',
            name='vouched_by',
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AlterField(
            model_name='identitycheck',
            name='document',
            field=models.CharField(choices=[('driving_licence', 'driving_licence'), ('passport', 'passport'), ('sis_id_card', 'sis_id_card'), ('national_id_card', 'national_id_card'), ('tax_agency_id_card', 'tax_agency_id_card'), ('vouched', 'vouched')], max_length=24),
        ),
        migrations.AddConstraint(
            model_name='identitycheck',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('document', 'vouched'), models.Q(('vouched_by', ''), _negated=True)), models.Q(models.Q(('document', 'vouched'), _negated=True), ('vouched_by', '')), _connector='OR'), name='identity_check_vouched_by'),
        ),
    ]
