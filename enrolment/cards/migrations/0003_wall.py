"""Put the second wall between federations on orders, batches and receipts.

The keys to the API (cards_issuertoken) stay before it: they tell whose a request is.
"""

from typing import ClassVar

from django.db import migrations

from enrolment import wall

WALLS = {
    "cards_issuer": wall.by_federation(),
    "cards_issuer_people": wall.by_parent("cards_issuer", "issuer_id"),
    "cards_issuercertificate": wall.by_parent("cards_issuer", "issuer_id"),
    "cards_revocationlist": wall.by_parent("cards_issuer", "issuer_id"),
    "cards_batch": wall.by_parent("cards_issuer", "issuer_id"),
    "cards_batchchange": wall.by_parent("cards_batch", "batch_id"),
    "cards_cardorder": wall.by_parent("cards_issuer", "issuer_id"),
    "cards_orderchange": wall.by_parent("cards_cardorder", "order_id"),
    "cards_receipt": wall.by_parent("cards_issuer", "issuer_id"),
    "cards_receiptline": wall.by_parent("cards_receipt", "receipt_id"),
}


class Migration(migrations.Migration):
    dependencies: ClassVar = [("cards", "0002_answers"), ("photos", "0002_wall")]
    operations: ClassVar = [wall.walls(WALLS)]
