from django.apps import AppConfig
from django.core import checks


class PhotosConfig(AppConfig):
    name = "photos"

    def ready(self) -> None:
        """Have the station's files looked for before a deployment."""
        from photos.queries.station_check import check_station_files

        checks.register(check_station_files, checks.Tags.staticfiles, deploy=True)
