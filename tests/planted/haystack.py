"""Everything that a site leaves anywhere, and every way a string may lie in it."""

import base64
import re
import subprocess
import tarfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import quote, urlsplit

from redis import Redis

Straw = tuple[str, bytes]  # where it lies, and what lies there
ZLIB = re.compile(rb"[\x78\x1f][\x01\x5e\x9c\xda\x8b]")


def spellings(word: str) -> list[bytes]:
    """A string in several encodings, in base 64 at each offset, in hex and in an address."""
    plain = word.encode()
    encoded = [word.encode(name) for name in ("utf-8", "utf-16-le", "utf-16-be")]
    found = {*encoded, plain.hex().encode(), plain.hex().upper().encode(), quote(word).encode()}
    for offset in range(3):
        inside = base64.b64encode(b"\0" * offset + plain)
        found.add(inside[4 if offset else 0 : len(inside) // 4 * 4 - 4])
    return [spelling for spelling in found if len(spelling) >= 8]


def find(words: dict[str, str], straws: Iterator[Straw]) -> set[tuple[str, str]]:
    """(what, where) of each string that lies anywhere, packed or not."""
    needles = [(name, spelling) for name, word in words.items() for spelling in spellings(word)]
    return {
        (name, where)
        for where, content in straws
        for inside in unpacked(content)
        for name, spelling in needles
        if spelling in inside
    }


def unpacked(content: bytes) -> Iterator[bytes]:
    yield content
    for start in ZLIB.finditer(content):
        try:
            yield zlib.decompressobj(47).decompress(content[start.start() :], 50_000_000)
        except zlib.error:
            continue


def folder(path: Path) -> Iterator[Straw]:
    """Files with their names; what ends meanwhile is not missed."""
    for file in path.rglob("*"):
        yield f"name of {file}", str(file).encode()
        if file.is_file():
            yield str(file), file.read_bytes()


def postgresql(url: str, programs: Path) -> Iterator[Straw]:
    done = subprocess.run([programs / "pg_dump", "--inserts", url], capture_output=True, check=True)
    yield "dump of PostgreSQL", done.stdout
    # Binary columns are written in hex, which hides what is packed or sealed in them.
    for value in re.findall(rb"\\x([0-9a-f]{16,})", done.stdout):
        yield "a binary column", bytes.fromhex(value.decode())


def redis(url: str) -> Iterator[Straw]:
    server = Redis.from_url(url)
    read = {
        b"string": server.get,
        b"list": lambda key: server.lrange(key, 0, -1),
        b"hash": server.hgetall,
        b"set": server.smembers,
        b"zset": lambda key: server.zrange(key, 0, -1, withscores=True),
    }
    for key in server.scan_iter("*"):
        yield "key in Redis", bytes(key)
        value = read[server.type(key)](key)
        yield f"value of {key!r}", value if isinstance(value, bytes) else repr(value).encode()


def bucket(url: str) -> Iterator[Straw]:
    import boto3

    address = urlsplit(url)
    found = boto3.resource(
        "s3",
        endpoint_url=f"http://{address.hostname}:{address.port}",
        aws_access_key_id=address.username,
        aws_secret_access_key=address.password,
        region_name="us-east-1",
    ).Bucket(address.path.strip("/"))
    for item in found.objects.all():
        answer = item.get()
        yield f"name of {item.key}", f"{item.key} {answer['Metadata']}".encode()
        yield f"object {item.key}", answer["Body"].read()


def archive(content: bytes) -> Iterator[Straw]:
    """What lies in an opened backup."""
    with tarfile.open(fileobj=BytesIO(content)) as tar:
        for member in tar:
            yield f"name in the archive: {member.name}", member.name.encode()
            if file := tar.extractfile(member):
                yield f"{member.name} in the archive", file.read()
