"""Who should have a card: organisations, roles, staff and their card needs."""

import uuid
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enrolment import vault
from enrolment.people.domain import stages

WITHIN_FEDERATION = Q(municipality=None, unit=None)
WITHIN_MUNICIPALITY = Q(municipality__isnull=False, unit=None)
WITHIN_UNIT = Q(municipality=None, unit__isnull=False)


class Federation(models.Model):
    """A kommunalförbund: everything belongs to one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    hsa_id = models.CharField(max_length=31, unique=True)
    contact = models.CharField(max_length=120)

    def __str__(self) -> str:
        return self.name


class Municipality(models.Model):
    """A municipality of a federation, by its official code."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    federation = models.ForeignKey(Federation, models.PROTECT, related_name="municipalities")
    code = models.CharField(max_length=4)
    name = models.CharField(max_length=80)
    sort_key = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["federation", "code"], name="municipality_code")
        ]

    def __str__(self) -> str:
        return self.name


class CareUnit(models.Model):
    """Where staff work and where visits are made. Road distances are kilometres one way."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="units")
    hsa_id = models.CharField(max_length=31, unique=True)
    name = models.CharField(max_length=120)
    sort_key = models.CharField(max_length=120)
    street = models.CharField(max_length=120)
    postcode = models.CharField(max_length=6)
    town = models.CharField(max_length=60)
    latitude = models.FloatField(validators=[MinValueValidator(-90), MaxValueValidator(90)])
    longitude = models.FloatField(validators=[MinValueValidator(-180), MaxValueValidator(180)])
    room_note = models.CharField(max_length=200, blank=True)
    contact_name = models.CharField(max_length=120, blank=True)
    contact_phone = models.CharField(max_length=30, blank=True)
    cost_centre = models.CharField(max_length=30, blank=True)
    km_to_office = models.FloatField(null=True, blank=True)
    km_to_base = models.FloatField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class StatusChange(models.Model):
    """One step of a row's status, in whichever room: when, by whom and why. Never changed."""

    status = models.CharField(max_length=12)
    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=60)
    why = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.status} {self.at:%Y-%m-%d %H:%M}"


class Users(BaseUserManager["User"]):
    """Find a user by the e-mail address that is also the user name."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """Someone who logs in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]
    objects: ClassVar[Users] = Users()

    def __str__(self) -> str:
        return self.name

    @property
    def audit_name(self) -> str:
        """Return the name the log shows: an id, never a name."""
        return f"user:{self.pk}"


class Membership(models.Model):
    """A role held for a federation, one of its municipalities or one of its units."""

    class Role(models.TextChoices):
        CARE_MANAGER = "care_manager", _("Care manager")
        PLANNER = "planner", _("Planner")
        TECHNICIAN = "technician", _("Technician")
        ID_ADMINISTRATOR = "id_administrator", _("ID administrator")
        CARD_ISSUER = "card_issuer", _("Card issuer")
        ADMINISTRATOR = "administrator", _("Administrator")

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    federation = models.ForeignKey(Federation, models.CASCADE)
    municipality = models.ForeignKey(Municipality, models.CASCADE, null=True, blank=True)
    unit = models.ForeignKey(CareUnit, models.CASCADE, null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "role", "federation"],
                condition=WITHIN_FEDERATION,
                name="membership_once_in_federation",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "municipality"],
                condition=WITHIN_MUNICIPALITY,
                name="membership_once_in_municipality",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "unit"],
                condition=WITHIN_UNIT,
                name="membership_once_in_unit",
            ),
            models.CheckConstraint(
                condition=WITHIN_FEDERATION | WITHIN_MUNICIPALITY | WITHIN_UNIT,
                name="membership_one_scope",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role}"

    @property
    def place(self) -> str:
        """Return the name of the unit, municipality or federation the role is held for."""
        return str(self.unit or self.municipality or self.federation)


class Staff(models.Model):
    """A member of staff, by HSA-id; a personnummer lies sealed and only where it is needed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    federation = models.ForeignKey(Federation, models.PROTECT, related_name="staff")
    unit = models.ForeignKey(CareUnit, models.PROTECT, related_name="staff")
    hsa_id = models.CharField(max_length=31)
    given_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80)
    sort_key = models.CharField(max_length=170)
    title = models.CharField(max_length=80, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=30, blank=True)
    card_expires = models.DateField(null=True, blank=True)
    protected = models.BooleanField(default=False)
    handlers = models.ManyToManyField(User, blank=True, related_name="protected_staff")
    sealed_personnummer = models.BinaryField(blank=True, default=bytes)
    personnummer_index = models.CharField(max_length=64, blank=True)
    left_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["federation", "hsa_id"], name="staff_hsa_id"),
            models.UniqueConstraint(
                fields=["federation", "personnummer_index"],
                condition=~Q(personnummer_index=""),
                name="staff_personnummer",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["unit", "sort_key"], name="staff_unit_order")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Return the name as said."""
        return f"{self.given_name} {self.family_name}"

    @property
    def shown_name(self) -> str:
        """Return the name for a screen: of a protected person first name and HSA-id only."""
        return f"{self.given_name} {self.hsa_id}" if self.protected else self.name

    @property
    def personnummer(self) -> str:
        """Return the twelve digits, or nothing where none is kept."""
        if not self.sealed_personnummer:
            return ""
        return vault.unseal(bytes(self.sealed_personnummer), self._vault_place).decode()

    def seal_personnummer(self, digits: str) -> None:
        """Keep the twelve digits sealed, with their blind index; the caller saves."""
        self.sealed_personnummer = vault.seal(digits.encode(), self._vault_place) if digits else b""
        self.personnummer_index = self.index_of(digits, self.federation_id) if digits else ""

    @staticmethod
    def index_of(digits: str, federation_id: uuid.UUID) -> str:
        """Return the blind index by which the federation finds a personnummer again."""
        return vault.blind_index(digits, f"personnummer:{federation_id}")

    @property
    def _vault_place(self) -> str:
        return f"people_staff:personnummer:{self.pk}"


class Shift(models.Model):
    """When somebody works, or is busy while at work (a meeting, a lesson), as a roster says."""

    class Kind(models.TextChoices):
        WORK = "work"
        BUSY = "busy"

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="shifts")
    kind = models.CharField(max_length=4, choices=Kind.choices, default=Kind.WORK)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["staff", "kind", "starts_at"], name="shift_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="shift_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"


class StaffFile(models.Model):
    """An uploaded staff file that waits, sealed, for somebody to say yes to its changes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    federation = models.ForeignKey(Federation, models.CASCADE)
    name = models.CharField(max_length=200)
    sealed_content = models.BinaryField()
    uploaded_by = models.ForeignKey(User, models.PROTECT)
    uploaded_at = models.DateTimeField(auto_now_add=True)
    imported_at = models.DateTimeField(null=True)
    outcome = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.name

    @property
    def vault_place(self) -> str:
        """Return where the sealed content belongs."""
        return f"people_stafffile:content:{self.pk}"


class CardNeed(models.Model):
    """One person's need of one card: the thread through the house."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="needs")
    reason = models.CharField(max_length=20, choices=[(r.value, r.value) for r in stages.Reason])
    due_on = models.DateField()
    stage = models.CharField(max_length=20, choices=[(s.value, s.value) for s in stages.Stage])
    open = models.BooleanField(default=True)
    opened_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["staff"], condition=Q(open=True), name="need_one_open_per_person"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_on"], condition=Q(open=True), name="need_open_due")
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.due_on}"


class StageChange(models.Model):
    """One step of a need: from when on it stood at this stage, by whom and why."""

    need = models.ForeignKey(CardNeed, models.PROTECT, related_name="stage_changes")
    stage = models.CharField(max_length=20)
    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=60)
    why = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.stage} {self.at:%Y-%m-%d %H:%M}"


class Rule(models.Model):
    """A federation's rule, or a municipality's trial of another, for a period."""

    federation = models.ForeignKey(Federation, models.CASCADE)
    municipality = models.ForeignKey(Municipality, models.CASCADE, null=True, blank=True)
    key = models.CharField(max_length=40)
    value = models.JSONField()
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["federation", "key", "valid_from"],
                condition=Q(municipality=None),
                name="rule_once_a_day",
            ),
            models.UniqueConstraint(
                fields=["municipality", "key", "valid_from"],
                name="trial_once_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} = {self.value}"
