"""Ways to tell somebody that something new waits: mail, LINE, webhooks.

A channel is a module with one function,

    send(address, sentence, url) -> Result

`address` is where the person or program is reached: a mail address, a LINE user id, an Endpoint.
`sentence` and `url` are all that may ever be said: fixed words and the sign-in address. A channel
is given nothing of a report, so that it cannot tell anything of one. It raises nothing for what
goes wrong outside: it says RETRY when a later attempt may succeed, GONE when none will. It waits
at most TIMEOUT seconds, and is called by the worker alone, outside of any transaction.
"""

from enum import Enum

TIMEOUT = 10


class Result(Enum):
    OK = "it arrived"
    RETRY = "try again later"
    GONE = "this address will not come back"


def result_of(status: int) -> Result:
    """What an HTTP answer says: 2xx arrived; told to wait or broken over there: later; else gone.

    A redirect is not followed and counts as gone: whoever moved tells HQ.
    """
    if 200 <= status < 300:
        return Result.OK
    if status in {408, 425, 429} or status >= 500:
        return Result.RETRY
    return Result.GONE
