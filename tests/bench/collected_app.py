"""The house as gunicorn serves it, its static files collected in a folder of the bench."""

import os
from pathlib import Path

from django.core.wsgi import get_wsgi_application

from enrolment import settings

settings.STATIC_ROOT = Path(os.environ["BENCH_STATIC"])
application = get_wsgi_application()
