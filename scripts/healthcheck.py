"""Asks whether the process of this container is well. Exits with 1 when it is not.

A web process is asked for its page. A worker serves none: it leaves a mark whenever it asked for
work and was answered, and one that hangs, or reaches no database, leaves none. Loads no Django.
"""

import http.client
import os
import sys
import time
from pathlib import Path

# With all its tasks running a worker asks for no more; none of them takes longer than 150 s.
LONGEST_SILENCE = 200


def worker_problem() -> str:
    """Why the worker is not well; empty when it is."""
    try:
        silence = time.time() - Path(os.environ["WORKER_BEAT"]).stat().st_mtime
    except KeyError:
        return "WORKER_BEAT names no file."
    except OSError:
        return "The worker has not asked for work yet."
    return f"No word for {silence:.0f} s." if silence > LONGEST_SILENCE else ""


def web_problem() -> str:
    """Why the web process is not well; empty when it is."""
    port = os.environ.get("BIND", "127.0.0.1:8000").rpartition(":")[2]
    # The site answers only to its own names.
    name = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".*") or "localhost"
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=4)
    try:
        connection.request("GET", "/healthz", headers={"Host": name})
        status = connection.getresponse().status
    except OSError as error:
        return f"No answer ({type(error).__name__})."
    return "" if status == 200 else f"/healthz answered {status}."


if __name__ == "__main__":
    sys.exit((worker_problem if os.environ.get("ROLE") == "worker" else web_problem)() or 0)
