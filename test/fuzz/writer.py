"""Writes what Node cannot: zstd frames by the reference, Parquet by Apache Arrow.

Reads one request of JSON a line from standard input and answers with the file in base64:
{"zstd": [text in base64], "checksum": bool, "size": bool, "level": n}, a frame for each text;
{"parquet": [{"name", "type", "values": [text or null]}], "codec", "page", "dictionary": bool, "statistics": bool, "group": rows}.
"""
import base64
import decimal
import io
import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard


def zstd(request):
    writer = zstandard.ZstdCompressor(
        level=request["level"], write_checksum=request["checksum"], write_content_size=request["size"]
    )
    return b"".join(writer.compress(base64.b64decode(text)) for text in request["zstd"])


def times(values, unit, zone):
    return pa.array([None if value is None else int(value) for value in values], pa.int64()).cast(pa.timestamp(unit, tz=zone))


def array(kind, values):
    def each(of):
        return [None if value is None else of(value) for value in values]

    if kind.startswith("timestamp-"):
        _, unit, *zone = kind.split("-")
        return times(values, unit, *(zone or [None]))
    match kind:
        case "string" | "large_string":
            return pa.array(values, getattr(pa, kind)())
        case "dictionary":
            return pa.array(values, pa.string()).dictionary_encode()
        case "raw-binary" | "raw-string":
            raw = pa.array(each(lambda value: value.encode("latin1")), pa.binary())
            # Arrow's own conversion looks whether it is text.
            return raw if kind == "raw-binary" else pa.Array.from_buffers(pa.string(), len(raw), raw.buffers())
        case "binary":
            return pa.array(each(str.encode), pa.binary())
        case "date":
            return pa.array(each(int), pa.int32()).cast(pa.date32())
        case "decimal":
            return pa.array(each(decimal.Decimal), pa.decimal128(24, 3))
        case "float" | "double":
            return pa.array(each(float), {"float": pa.float32(), "double": pa.float64()}[kind])
        case "bool":
            return pa.array(each(lambda value: value == "true"), pa.bool_())
        case _:
            return pa.array(each(int), getattr(pa, kind)())


def parquet(request):
    columns = request["parquet"]
    arrays = [array(column["type"], column["values"]) for column in columns]
    file = io.BytesIO()
    pq.write_table(
        pa.Table.from_arrays(arrays, [column["name"] for column in columns]),
        file,
        compression=request["codec"],
        data_page_version=request["page"],
        use_dictionary=request["dictionary"],
        write_statistics=request["statistics"],
        row_group_size=request["group"],
        store_schema=False,
    )
    return file.getvalue()


for line in sys.stdin:
    request = json.loads(line)
    written = zstd(request) if "zstd" in request else parquet(request)
    print(base64.b64encode(written).decode(), flush=True)
