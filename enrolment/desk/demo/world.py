"""Who and where in the demo. Units and people are invented; organisation numbers are fictional.

Town coordinates are WGS 84; road kilometres are one way, to the office staff used to travel to and
to the technicians' base. Identity numbers are Skatteverket's official test numbers.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random


@dataclass(frozen=True)
class Town:
    """A municipality's main town; `units` are (name, street, room note, number of staff)."""

    code: str
    municipality: str
    name: str
    postcode: str
    latitude: float
    longitude: float
    km_to_office: float
    km_to_base: float
    units: tuple[tuple[str, str, str, int], ...]


@dataclass(frozen=True)
class DemoFederation:
    """A federation with its towns; `prefix` begins its HSA-ids."""

    name: str
    slug: str
    prefix: str
    base: str
    towns: tuple[Town, ...]


GOLISKA = DemoFederation(
    name="Göliska IT",
    slug="goliska",
    prefix="SE9900000001",
    base="Lidköping",
    towns=(
        Town(
            "1494",
            "Lidköping",
            "Lidköping",
            "531 30",
            58.5052,
            13.1577,
            54,
            0,
            (
                ("Björkgården", "Lindvägen 4", "Konferensrummet, plan 1", 14),
                ("Hemtjänst Hamnen", "Kajgatan 12", "Personalrummet", 14),
            ),
        ),
        Town(
            "1495",
            "Skara",
            "Skara",
            "532 30",
            58.3866,
            13.4387,
            28,
            25,
            (
                ("Solhaga", "Skolgatan 9", "Samlingssalen", 14),
                ("Klockarebolet", "Klostervägen 2", "Rum 114", 12),
            ),
        ),
        Town(
            "1471",
            "Götene",
            "Götene",
            "533 30",
            58.5281,
            13.4920,
            38,
            24,
            (
                ("Kinnegården", "Bergsvägen 21", "Biblioteket", 14),
                ("Hemtjänst Götene", "Järnvägsgatan 3", "Lunchrummet", 12),
            ),
        ),
        Town(
            "1444",
            "Grästorp",
            "Grästorp",
            "467 30",
            58.3320,
            12.6800,
            82,
            37,
            (
                ("Åbrinken", "Åvägen 7", "Linneförrådet, bottenvåningen", 14),
                ("Hemtjänst Grästorp", "Torggatan 1", "Möteslokalen", 12),
            ),
        ),
        Town(
            "1445",
            "Essunga",
            "Nossebro",
            "465 30",
            58.1886,
            12.7192,
            85,
            55,
            (
                ("Nosshaga", "Marknadsgatan 5", "Dagrummet", 14),
                ("Hemtjänst Nossebro", "Stationsgatan 8", "Kontoret", 12),
            ),
        ),
        Town(
            "1470",
            "Vara",
            "Vara",
            "534 30",
            58.2620,
            12.9540,
            64,
            35,
            (
                ("Ekbacken", "Ringvägen 16", "Sal B", 14),
                ("Slättgården", "Allégatan 10", "Vilrummet", 14),
            ),
        ),
    ),
)

LYSTKOM = DemoFederation(
    name="LYSTKOM",
    slug="lystkom",
    prefix="SE9900000002",
    base="Lycksele",
    towns=(
        Town(
            "2481",
            "Lycksele",
            "Lycksele",
            "921 31",
            64.5954,
            18.6735,
            129,
            0,
            (
                ("Furugården", "Skogsvägen 6", "Aulan", 14),
                ("Hemtjänst Lycksele", "Storgatan 40", "Personalrummet", 14),
            ),
        ),
        Town(
            "2421",
            "Storuman",
            "Storuman",
            "923 31",
            65.0957,
            17.1122,
            235,
            104,
            (
                ("Backen", "Blå vägen 100", "Kapprummet", 14),
                ("Hemtjänst Storuman", "Järnvägsgatan 13", "Möteslokalen", 12),
            ),
        ),
        Town(
            "2463",
            "Åsele",
            "Åsele",
            "919 31",
            64.1607,
            17.3460,
            165,
            95,
            (("Älvbacka", "Centralgatan 2", "Dagrummet", 14),),
        ),
        Town(
            "2462",
            "Vilhelmina",
            "Vilhelmina",
            "912 31",
            64.6240,
            16.6550,
            225,
            121,
            (("Strandgläntan", "Volgsjövägen 11", "Rum 3", 12),),
        ),
    ),
)

FEDERATIONS = (GOLISKA, LYSTKOM)

GIVEN_NAMES = (
    "Åsa Birgit Camilla Dragana Ebba Fatima Gunilla Hanna Ingrid Jelena Karin Leila Maria Nadia "
    "Olga Pernilla Rebecka Sara Therese Ulrika Veronica Wilma Ylva Zahra Ängla Örjan Anders Bo "
    "Christer Daniel Erik Farid Gustav Håkan Ivan Jonas Kalle Lars Mikael Niklas Oskar Per Rolf "
    "Stefan Tomas"
).split()
FAMILY_NAMES = (
    "Andersson Berg Claesson Dahl Ek Fransson Gunnarsson Hedlund Isaksson Johansson Karlsson Lind "
    "Mattsson Nilsson Olsson Persson Rask Sandberg Thorén Ullman Viklund Wallin Yilmaz Zetterlund "
    "Åberg Ängström Öhman Haddad Kovač Nowak"
).split()
TITLES = ("Undersköterska", "Sjuksköterska", "Vårdbiträde", "Arbetsterapeut", "Fysioterapeut")

TEST_NUMBERS = (
    "196112122871 196208132834 196305183144 196401053076 196501133372 196604072618 196709132887 "
    "196810292398 196906092389 197002259294 197101039282 197201079295 197303159250 197404279288 "
    "197505279294 197607162380 197707312398 197808212398 197905082397 198005032381 198105232394 "
    "198205182382 198305119284 198405152391 198506062390 198606092396 198701202395 198812172388 "
    "198901272396 199012142395 199101152396 199211232385 199301212396 199407102392 199501012380 "
    "199606192384 199701262389 199809212393 199911192392 200010242394 200101022390 200204022388 "
    "200303082382 200403012388"
).split()

WAVE_UNITS = 3
PROTECTED_UNIT = 3
HEADINGS = (
    "HSA-id",
    "Förnamn",
    "Efternamn",
    "Titel",
    "E-post",
    "Telefon",
    "Enhet",
    "Kort giltigt till",
    "Skyddade personuppgifter",
    "Personnummer",
)


def unit_hsa_id(federation: DemoFederation, number: int) -> str:
    """Return the HSA-id of the federation's n-th unit."""
    return f"{federation.prefix}-E{number:03}"


def staff_rows(federation: DemoFederation, today: date) -> list[list[str]]:
    """Return the federation's staff as rows under HEADINGS, the same ones for the same day."""
    random = Random(federation.slug)  # noqa: S311 - invented people, no secret
    numbers = iter(TEST_NUMBERS)
    names = [(given, family) for given in GIVEN_NAMES for family in FAMILY_NAMES]
    random.shuffle(names)
    rows: list[list[str]] = []
    units = [unit for town in federation.towns for unit in town.units]
    for number, (_name, _street, _note, staff) in enumerate(units, start=1):
        for person in range(staff):
            protected = number == PROTECTED_UNIT and person == 0
            rows.append(
                [
                    f"{federation.prefix}-P{len(rows) + 1:04}",
                    *_person_facts(random, names[len(rows)]),
                    unit_hsa_id(federation, number),
                    _card_expires(random, today, wave=number <= WAVE_UNITS),
                    "ja" if protected else "nej",
                    next(numbers, ""),
                ]
            )
    return rows


def wrong_rows(federation: DemoFederation) -> list[list[str]]:
    """Return rows that a real file has too: each is refused, none stops the others."""
    unit = unit_hsa_id(federation, 1)
    fine = ["Fel", "Exempel", "", "", "", unit, "2027-05-01", "nej", ""]
    return [
        [f"{federation.prefix}-P9001", *fine[:5], f"{federation.prefix}-E999", *fine[6:]],
        [f"{federation.prefix}-P9002", *fine[:6], "31/2 2027", *fine[7:]],
        [f"{federation.prefix}-P9003", *fine[:8], "199012142396"],
    ]


def _person_facts(random: Random, name: tuple[str, str]) -> list[str]:
    given, family = name
    local = f"{given}.{family}".lower().translate(str.maketrans("åäöéč", "aaoec"))
    phone = f"070-174 06 {random.randint(5, 99):02}"
    return [given, family, random.choice(TITLES), f"{local}@demo.example", phone]


def _card_expires(random: Random, today: date, *, wave: bool) -> str:
    """Tell when a card runs out, or nothing for somebody who has none yet.

    In a wave the whole unit got its cards in the same spring and needs new ones soon. Elsewhere one
    in eight has no card, and a third of the rest run out within the renewal window.
    """
    if not wave and random.random() < 0.125:
        return ""
    soon = wave or random.random() < 0.35
    days = random.randint(20, 110) if soon else random.randint(130, 720)
    return (today + timedelta(days=days)).isoformat()
