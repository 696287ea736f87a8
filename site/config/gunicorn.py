"""How gunicorn serves the site: `gunicorn -c python:config.gunicorn`, with site/ on PYTHONPATH.

Nothing that tells who asked, or for what, may reach a log. So there is no access log, and what
gunicorn itself would say about a bad request is said without the address and the path.
"""

import os

from gunicorn.glogging import Logger

from config import logs
from operations import traffic

wsgi_app = "config.wsgi:application"
bind = os.environ.get("BIND", "127.0.0.1:8000")  # the image sets 0.0.0.0
workers = int(os.environ.get("WEB_WORKERS", "2"))
# Threads, because browsers open connections early and leave them idle.
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "4"))
preload_app = False
timeout = 60
graceful_timeout = 5
keepalive = 5
# A worker is replaced in case it grows. A start takes as long as two thousand kept pages, and all
# workers starting at once would be an outage: so seldom, and far apart.
max_requests = 50_000
max_requests_jitter = 50_000
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
control_socket_disable = True

accesslog = None
errorlog = "-"
loglevel = "warning"


class QuietLogger(Logger):
    """Leaves out the address and the path that gunicorn puts into two of its messages."""

    def setup(self, cfg):
        super().setup(cfg)
        logs.take_over()
        is_json = (os.environ.get("LOG_FORMAT") or logs.default_format()) == "json"
        for handler in self.error_log.handlers:
            handler.setFormatter(logs.Json() if is_json else logs.Plain())
            handler.addFilter(logs.Quoting())

    def warning(self, msg, *args, **kwargs):
        if str(msg).startswith("Invalid request from"):
            msg, args = "Invalid request.", ()
        super().warning(msg, *args, **kwargs)

    def exception(self, msg, *args, **kwargs):
        if str(msg).startswith("Error handling request"):
            msg, args = "Error handling a request.", ()
        super().exception(msg, *args, **kwargs)


logger_class = QuietLogger


def pre_fork(server, worker):
    """A new worker counts its requests where no other does (operations.traffic)."""
    worker.part = traffic.free_part({other.part for other in server.WORKERS.values()})


def post_fork(server, worker):
    traffic.write_into(worker.part)
