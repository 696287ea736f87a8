"""What gunicorn serves. All that a request may need is loaded before the first one is taken."""

import gc
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

# Nothing that an import makes becomes garbage, and yet the collector would walk through all of it
# hundreds of times while it grows, and again under requests: what is loaded is set aside for good.
gc.disable()
# REST framework loads it for a client of its tests alone. Who has another use for it loads it then.
sys.modules.setdefault("requests", None)  # type: ignore[arg-type]
try:
    from django.core.wsgi import get_wsgi_application
    from django.urls import get_resolver

    application = get_wsgi_application()
    get_resolver().url_patterns  # noqa: B018  # Django would load them under the first request
finally:
    if sys.modules["requests"] is None:
        del sys.modules["requests"]
    gc.freeze()
    gc.enable()
