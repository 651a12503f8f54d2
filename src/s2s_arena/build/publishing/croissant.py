"""Croissant 1.0 metadata (JSON-LD) of a published suite: its files, and what each column of them holds."""

import json
import re
from collections.abc import Sequence

from s2s_arena.build.publishing.tables import COLUMNS, Column, Shard
from s2s_arena.records.samples import Suite

_CONTEXT: dict[str, object] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "equivalentProperty": "cr:equivalentProperty",
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}

_DATA_TYPES = {
    "string": "sc:Text",
    "int32": "sc:Integer",
    "float32": "sc:Float",
    "strings": "sc:Text",
    "audio": "sc:AudioObject",
}


def croissant(suite: Suite, shards: Sequence[Shard], *, licence: str, about: str, date: str = "") -> str:
    """The text of `croissant.json`, valid under Croissant 1.0.

    Args:
        suite: What is published.
        shards: Its files; each is a record set, named after its split.
        licence: SPDX name.
        about: A sentence or two for people.
        date: Of publication, ISO 8601.
    """
    return (
        json.dumps(
            {
                "@context": _CONTEXT,
                "@type": "sc:Dataset",
                "conformsTo": "http://mlcommons.org/croissant/1.0",
                "name": suite.name,
                "description": about,
                "license": f"https://spdx.org/licenses/{licence}.html",
                "version": _semantic(suite.version),
                **({"datePublished": date} if date else {}),
                "citeAs": f"Suite {suite.name}, version {suite.version}, sha256:{suite.hash}. Built with S2S-Arena.",
                "identifier": f"sha256:{suite.hash}",
                "inLanguage": sorted({sample.language for sample in suite.samples}),
                "keywords": ["speech", "speech-to-speech", "paralinguistics", "evaluation"],
                "distribution": [_file(shard) for shard in shards],
                "recordSet": [_records(shard, shards) for shard in shards],
            },
            ensure_ascii=False,
            indent=2,
        )
        + "\n"
    )


def _file(shard: Shard) -> dict[str, object]:
    return {
        "@type": "cr:FileObject",
        "@id": shard.path,
        "name": shard.path,
        "contentUrl": shard.path,
        "contentSize": f"{shard.size} B",
        "encodingFormat": "application/x-parquet",
        "sha256": shard.sha256,
    }


def _records(shard: Shard, shards: Sequence[Shard]) -> dict[str, object]:
    alike = [other.path for other in shards if other.split == shard.split]
    name = shard.split if len(alike) == 1 else f"{shard.split}-{alike.index(shard.path):05d}"
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": f"{shard.rows} spoken turns of the {shard.split} split.",
        "key": [{"@id": f"{name}/id"}, {"@id": f"{name}/turn"}],
        "field": [_field(name, column, shard) for column in COLUMNS],
    }


def _field(records: str, column: Column, shard: Shard) -> dict[str, object]:
    source: dict[str, object] = {"fileObject": {"@id": shard.path}, "extract": {"column": column.name}}
    if column.kind == "audio":
        source["transform"] = {"jsonPath": "bytes"}
    field: dict[str, object] = {
        "@type": "cr:Field",
        "@id": f"{records}/{column.name}",
        "name": column.name,
        "description": column.meaning,
        "dataType": _DATA_TYPES[column.kind],
        "source": source,
    }
    return field | ({"repeated": True} if column.kind == "strings" else {})


def _semantic(version: str) -> str:
    """The version as MAJOR.MINOR.PATCH, which the format asks for; the whole of it is in the description."""
    number = re.match(r"\d+", version)
    return f"{number[0] if number else 1}.0.0"
