"""While OpenSearch does not answer, few readers wait to find that out."""

import logging
import time

from opensearchpy.exceptions import TransportError

logger = logging.getLogger(__name__)

PAUSE = 15.0  # seconds in which this process does not ask again


class Outage:
    """What this process knows of it."""

    def __init__(self) -> None:
        self.is_over_at = 0.0

    @property
    def is_on(self) -> bool:
        return time.monotonic() < self.is_over_at

    def note(self, error: Exception) -> None:
        """Begins a pause, unless OpenSearch answered and only refused this one question.

        The log is told the kind of error: its words hold what somebody looked for.
        """
        status = error.status_code if isinstance(error, TransportError) else None
        is_refusal = isinstance(status, int) and status < 500 and status != 429
        if isinstance(error, TransportError) and not is_refusal:
            self.is_over_at = time.monotonic() + PAUSE
        kind = type(error).__name__ + (f" {status}" if is_refusal else "")
        logger.warning("OpenSearch did not answer (%s): the database does.", kind)

    def forget(self) -> None:
        self.is_over_at = 0.0


outage = Outage()
