"""Asks the web process of this container whether it is up. Exits with 1 when it is not."""

import http.client
import os
import sys

port = os.environ.get("BIND", "127.0.0.1:8000").rpartition(":")[2]
# The site answers only to its own names.
name = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".*") or "localhost"
connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=4)
try:
    connection.request("GET", "/healthz", headers={"Host": name})
    sys.exit(connection.getresponse().status != 200)
except OSError as error:
    sys.exit(str(error))
