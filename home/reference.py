"""Loading reference data over what staff may have edited since.

Each row remembers what the reference data last said (`reference_values`). A field that still says
so is brought up to date; a field that says something else was edited by staff, and is kept.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from home.models import Counterpart, Crossing, District, Province, Subdistrict

DATA = Path(__file__).parent / "data"


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of one CSV file of the reference data."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def load_row(model: type[Any], key: dict[str, Any], values: dict[str, Any]) -> Any:
    """Creates the row, or brings it up to date where staff have not edited it. Returns the row.

    `values` maps field names to plain JSON values; foreign keys by their `_id` name.
    """
    row = model._default_manager.filter(**key).first() or _renamed(model, key)
    if row is None:
        return model._default_manager.create(**key, **values, reference_values=values | _plain(key))
    loaded = row.reference_values
    changed = [
        name
        for name, value in values.items()
        if getattr(row, name) != value and _is_ours(name, getattr(row, name), loaded)
    ]
    for name in changed:
        setattr(row, name, values[name])
    if changed or loaded != values | _plain(key):
        row.reference_values = values | _plain(key)
        row.save(update_fields=[*changed, "reference_values"])
    return row


def _is_ours(name: str, value: Any, loaded: dict[str, Any]) -> bool:
    """Whether a field says what we last said; or nothing yet, where we had nothing to say."""
    return loaded[name] == value if name in loaded else value in ("", None)


def _renamed(model: type[Any], key: dict[str, Any]) -> Any:
    """The row that had this key when it was loaded, though staff have renamed it since."""
    others = {name: value for name, value in key.items() if name != "name_en"}
    if "name_en" not in key:
        return None
    return model._default_manager.filter(**others, reference_values__name_en=key["name_en"]).first()


def _plain(key: dict[str, Any]) -> dict[str, str]:
    return {name: value for name, value in key.items() if isinstance(value, str)}


def load_places() -> None:
    """Provinces, districts, subdistricts, counterparts with their pairings, and crossings."""
    districts = {**_load_target_districts(), **_load_additional_districts()}
    for row in rows("subdistricts.csv"):
        load_row(
            Subdistrict,
            {"code": row["code"]},
            {
                "district_id": districts[row["district_code"]].pk,
                "name_th": row["name_th"],
                "name_en": row["name_en"],
            },
        )
    for row in rows("counterparts.csv"):
        _load_counterpart(row, districts)
    for row in rows("crossings.csv"):
        load_row(
            Crossing,
            {"district": districts[row["district_code"]], "name_en": row["name_en"]},
            {
                name: row[name]
                for name in (
                    "name_th",
                    "kind",
                    "status",
                    "status_note_th",
                    "status_note_en",
                    "evidence",
                )
            },
        )


def _load_target_districts() -> dict[str, District]:
    districts = {}
    for row in rows("districts.csv"):
        province = load_row(
            Province,
            {"code": row["province_code"]},
            {"name_th": row["province_th"], "name_en": row["province_en"]},
        )
        districts[row["code"]] = load_row(
            District,
            {"code": row["code"]},
            {
                "province_id": province.pk,
                "name_th": row["name_th"],
                "name_en": row["name_en"],
                "is_target": True,
                "visit_group": int(row["visit_group"]),
                "border": row["border_country"],
                "evidence": row["evidence"],
                "source_note": row["source_note"],
                "latitude": float(row["lat"]),
                "longitude": float(row["lon"]),
            },
        )
    return districts


def _load_additional_districts() -> dict[str, District]:
    """Districts with a coordination centre that are not among the 44: Pak Khat, so far."""
    districts = {}
    provinces = {row["province_en"]: row["province_code"] for row in rows("districts.csv")}
    for row in rows("district_candidates.csv"):
        if row["status"] != "unresolved":
            continue
        districts[row["code"]] = load_row(
            District,
            {"code": row["code"]},
            {
                "province_id": Province.objects.get(code=provinces[row["province_en"]]).pk,
                "name_th": row["name_th"],
                "name_en": row["name_en"],
                "is_target": False,
                "border": District.Border.LAOS,
                "evidence": row["status"],
                "source_note": row["reason"],
            },
        )
    return districts


def _load_counterpart(row: dict[str, str], districts: dict[str, District]) -> None:
    codes = row["paired_thai_district_codes"].split(";")
    counterpart = load_row(
        Counterpart,
        {
            "name_en": row["name_en"],
            "country": row["country"],
            "province_en": row["province_en"],
        },
        {
            "name_local": row["name_local"],
            "evidence": row["evidence"],
            "source_note": row["source_note"],
        },
    )
    if not counterpart.districts.exists():  # pairings that staff changed are kept
        counterpart.districts.set([districts[code] for code in codes])
