"""Rows copied inside the database: a million of them in minutes."""

from django.db import connection, models
from django.db.models import Value

from reporting.models import Report, SealedText
from reporting.models.report import REFERENCE_ALPHABET, REFERENCE_LENGTH

# A digest that meets no other, of 64 hexadecimal digits.
DIGEST = {
    "postgresql": "md5(random()::text || id) || md5(random()::text || id)",
    "sqlite": "lower(hex(randomblob(32)))",
}
# A reference tells neither order nor number: an odd factor scatters numbers over all references
# without making two of them one.
SCATTER = 654_188_429
PLACES = 2 ** (5 * REFERENCE_LENGTH)
LETTERS = [5 * letter for letter in reversed(range(REFERENCE_LENGTH))]


def last_report() -> int:
    """The highest id of a report; 0 when there is none."""
    return Report.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def scattered_reference(number: int) -> str:
    """The reference of a made report. Different numbers have different references."""
    place = number * SCATTER % PLACES
    return "".join(REFERENCE_ALPHABET[place >> shift & 31] for shift in LETTERS)


def copy_reports(size: int, *, after: int) -> None:
    """Copies the first reports after this id; each copy has its own reference and digests."""
    table = connection.ops.quote_name(Report._meta.db_table)
    quote = connection.ops.quote_name
    columns = [str(field.column) for field in Report._meta.concrete_fields if not field.primary_key]
    digest = DIGEST[connection.vendor]
    made = {
        "reference": " || ".join(
            f"substr('{REFERENCE_ALPHABET}', CAST(place >> {shift} & 31 AS integer) + 1, 1)"
            for shift in LETTERS
        ),
        "receipt_digest": digest,
        "intake_digest": digest,
    }
    chosen = ", ".join(made.get(column, quote(column)) for column in columns)
    number = f"({last_report()} + row_number() OVER (ORDER BY id))"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(map(quote, columns))}) SELECT {chosen} "  # noqa: S608
            f"FROM (SELECT *, {number} * {SCATTER} & {PLACES - 1} AS place FROM {table} "
            "WHERE id > %s ORDER BY id LIMIT %s) AS drawn ORDER BY id",
            [after, size],
        )


def copy_text(text: SealedText, *, reports: models.QuerySet) -> None:
    """Gives each of the reports this sealed text as its own."""
    fields = [
        field
        for field in SealedText._meta.concrete_fields
        if field.name in {"kind", "sealed_to", "sealed"}
    ]
    values = [Value(getattr(text, field.attname), output_field=field) for field in fields]
    select, parameters = reports.order_by("pk").values_list("pk", *values).query.sql_with_params()
    quote = connection.ops.quote_name
    columns = ", ".join(map(quote, ["report_id", *(str(field.column) for field in fields)]))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(SealedText._meta.db_table)} ({columns}) {select}", parameters
        )
