"""Hashed static files, ES modules included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedModules(CompressedManifestStaticFilesStorage):
    """Hash file names also inside `import` and `export … from` lines, so modules cache for ever."""

    support_js_module_import_aggregation = True
