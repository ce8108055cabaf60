"""An independent reader of flow logs, written from docs/reading.md: of the standard library, python-zstandard and Apache Arrow.

Reads paths from standard input, one a line, as JSON strings; answers one line of JSON for each, a list of what each file in it says:
{"skipped": true} or {"records": [{column: value}], "rejected": n, "bad": n, "damaged": bool}, without columns that are NULL.
"""
import io
import json
import re
import sys
import tarfile
import zipfile
import zlib
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

INT = "version srcport dstport protocol tcp-flags traffic-path encryption-status".split()
BIGINT = (
    "packets bytes start end packets-lost-no-route packets-lost-blackhole packets-lost-mtu-exceeded packets-lost-ttl-expired".split()
)
STRING = (
    "account-id srcaddr dstaddr log-status type region pkt-src-aws-service pkt-dst-aws-service flow-direction interface-id action vpc-id "
    "subnet-id instance-id pkt-srcaddr pkt-dstaddr az-id sublocation-type sublocation-id ecs-cluster-arn ecs-cluster-name "
    "ecs-container-instance-arn ecs-container-instance-id ecs-container-id ecs-second-container-id ecs-service-name "
    "ecs-task-definition-arn ecs-task-arn ecs-task-id reject-reason resource-id instance-tag instance-tag-2 interface-tag "
    "interface-tag-2 asg-tag asg-tag-2 interface-type next-hop-interface-id next-hop-subnet-id next-hop-az-id next-hop-vpc-id "
    "next-hop-interface-type resource-type tgw-id tgw-attachment-id tgw-src-vpc-account-id tgw-dst-vpc-account-id tgw-src-vpc-id "
    "tgw-dst-vpc-id tgw-src-subnet-id tgw-dst-subnet-id tgw-src-eni tgw-dst-eni tgw-src-az-id tgw-dst-az-id tgw-pair-attachment-id"
).split()
KNOWN = set(INT + BIGINT + STRING)
DEFAULT = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status".split()
)
YEAR_1 = -62135596800
GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
HEAD = 16 * 1024
LONGEST = 65536
LEADING_TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\s")


def squeezed(name):
    return re.sub("[-_]", "", name.lower())


SPELT = {squeezed(name): name for name in KNOWN}
SPELT.update({"starttime": "start", "endtime": "end"})


def own_name(name):
    return name if name in KNOWN else name.replace("_", "-") if name.replace("_", "-") in KNOWN and "-" not in name else None


def columns_of(tokens):
    """AWS's names of a header line's columns, or None for one that cannot be used."""
    for token in tokens:
        if not re.fullmatch(rb"[\x21-\x23\x25-\x2b\x2d-\x7a\x7c\x7e]{1,128}", token):
            return None
    names = [token.decode() for token in tokens]
    taken = {own_name(name) for name in names if own_name(name)}
    columns = []
    for name in names:
        if own_name(name):
            columns.append(own_name(name))
            continue
        field = SPELT.get(squeezed(name))
        if field is None or field in taken:
            columns.append(name)
        else:
            taken.add(field)
            columns.append(field)
    sql = [column.replace("-", "_").lower() for column in columns]
    return columns if len(set(sql)) == len(sql) else None


def is_header(tokens):
    return not any(re.fullmatch(rb"\d+|-", token) for token in tokens) and is_flow_log(tokens)


def is_flow_log(tokens):
    names = {SPELT.get(squeezed(token.decode("latin1"))) for token in tokens} - {None}
    if len(names) < min(2, len(tokens)) or not names:
        return False
    return 2 * len(names) >= len(tokens) or {"srcaddr", "dstaddr"} <= names or {"pkt-srcaddr", "pkt-dstaddr"} <= names


def codec_of(data):
    """The signature of what a file is compressed with, and of its members; None for text."""
    if data[:2] == GZIP:
        return GZIP
    if data[:4] == ZSTD or (data[:1] and data[0] & 0xF0 == 0x50 and data[1:4] == b"\x2a\x4d\x18"):
        return ZSTD
    # Bytes that are no text and of which most are a signature, or which have one soon.
    if b"\0" in data[:HEAD]:
        for signature in (GZIP + b"\x08", ZSTD):
            if sum(a == b for a, b in zip(data, signature)) >= len(signature) - 1 or data[:16].find(signature) > 0:
                return signature[:2] if signature[:2] == GZIP else signature
    return None


def member_of(signature, data):
    """The text of the member that data begins with and what is behind it; None if the reference decoder refuses it."""
    if signature == ZSTD and data[:1] and data[0] & 0xF0 == 0x50 and data[1:4] == b"\x2a\x4d\x18":
        end = 8 + int.from_bytes(data[4:8], "little")
        return (b"", data[end:]) if 8 <= end <= len(data) else None
    member = zlib.decompressobj(31) if signature == GZIP else zstandard.ZstdDecompressor().decompressobj()
    try:
        text = member.decompress(data)
    except (zlib.error, zstandard.ZstdError):
        return None
    return (text, member.unused_data) if member.eof else None


def sections(data):
    """Text in trusted pieces, None between them for what is damaged."""
    signature = codec_of(data)
    if signature is None:
        return [data]
    pieces = []
    at = 0
    while at < len(data) and (signature == ZSTD or data[at:].strip(b"\0")):
        member = member_of(signature, data[at:])
        if member is not None:
            text, rest = member
            at = len(data) - len(rest)
            pieces.append(text)
        else:
            pieces.append(None)
            after = data.find(GZIP + b"\x08" if signature == GZIP else ZSTD, at + 1)
            at = len(data) if after == -1 else after
    return pieces


def seconds(value):
    for least, unit in ((10**17, 10**9), (10**14, 10**6), (10**11, 10**3)):
        if value >= least:
            return value // unit
    return value


def is_blank(line):
    return not line.strip(b"\t\v\f\r ")


def bare(line):
    return line.rstrip(b"\r")


def split(line):
    return [token for token in line.split(b" ") if token]


def fits_default(tokens):
    return (
        len(tokens) == 14
        and tokens[0] == b"2"
        and all(re.fullmatch(rb"\d+|-", tokens[i]) for i in range(5, 12))
        and tokens[12] in (b"ACCEPT", b"REJECT", b"-")
        and tokens[13] in (b"OK", b"NODATA", b"SKIPDATA")
    )


class Reader:
    def __init__(self, columns, export):
        self.columns, self.export = columns, export
        self.records, self.rejected, self.bad, self.number = [], 0, 0, 0

    def tokens(self, line):
        led = LEADING_TIME.match(line)
        rest = split(line[led.end() :] if led else line)
        if not led or self.columns is None:
            return rest
        first = self.columns[0]
        text = first not in INT and first not in BIGINT
        may = first not in KNOWN or (text and not self.export)
        return split(line) if may and len(rest) == len(self.columns) - 1 else rest

    def read(self, line):
        self.number += 1
        line = bare(line)
        while line.startswith(b"\xef\xbb\xbf"):
            line = line[3:]
        if is_blank(line):
            return
        tokens = self.tokens(line)
        try:
            line.decode()
        except UnicodeDecodeError:
            self.rejected += 1
            return
        if len(line) > LONGEST:
            self.rejected += 1
            return
        if is_header(tokens) and (len(tokens) > 1 or self.columns is None or columns_of(tokens) == self.columns):
            self.columns = columns_of(tokens)
            self.rejected += self.columns is None
            return
        if self.columns is None or len(tokens) != len(self.columns):
            self.rejected += 1
            return
        self.records.append(self.record(tokens))

    def record(self, tokens):
        return self.values(zip(self.columns, (token.decode() for token in tokens)))

    def values(self, pairs):
        record = {}
        for column, value in pairs:
            if value in ("", "-"):
                continue
            if column in INT or column in BIGINT:
                bits = 31 if column in INT else 63
                if not re.fullmatch(r"-?[0-9]+", value) or not -(2**bits) <= int(value) < 2**bits:
                    self.bad += 1
                    continue
                value = int(value)
                if column in ("start", "end"):
                    if value < YEAR_1:
                        self.bad += 1
                        continue
                    value = seconds(value)
                value = str(value)
            record[column.replace("-", "_").lower()] = value
        return record


def spelt(value):
    """A value of a row: white space as AWS writes it in tags."""
    return re.sub(r"[\t-\r ]", lambda match: f"%{ord(match[0]):02X}", value)


def csv_cells(line):
    cells, cell, quoted, at = [], "", False, 0
    while at < len(line):
        sign = line[at]
        if quoted and line[at : at + 2] == '""':
            cell, at = cell + '"', at + 1
        elif sign == '"' and (quoted or cell == ""):
            quoted = not quoted
        elif sign == "," and not quoted:
            cells.append(cell)
            cell = ""
        else:
            cell += sign
        at += 1
    return [*cells, cell]


def csv_names(line):
    if "," not in line:
        return None
    cells = csv_cells(line)
    names = {SPELT.get(squeezed(cell)) for cell in cells} - {None}
    return cells if len(names) >= 2 and names & {"srcaddr", "dstaddr", "pkt-srcaddr"} and not any(re.fullmatch("[0-9]+|-", cell) for cell in cells) else None


def read_csv(text):
    reader = Reader(None, False)
    names = None
    for line in text.split("\n"):
        line = line.rstrip("\r")
        if not line.strip():
            continue
        header = csv_names(line)
        if header:
            names = columns_of([cell.encode() for cell in header])
            reader.rejected += names is None
            continue
        cells = csv_cells(line)
        if names is None or len(cells) != len(names):
            reader.rejected += 1
        else:
            reader.records.append(reader.values(zip(names, (spelt(cell.strip(" ")) for cell in cells))))
    return reader


def read_json(text):
    reader = Reader(None, False)
    lines = Reader(DEFAULT, True)
    decoder = json.JSONDecoder()
    at = 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        document, at = decoder.raw_decode(text, at)
        if "message" in document:
            lines.read(document["message"].encode())
        else:
            names = columns_of([name.encode() for name in document])
            texts = ("" if value is None else spelt(str(value)) for value in document.values())
            reader.records.append(reader.values(zip(names, texts)))
    reader.records += lines.records
    reader.rejected += lines.rejected
    reader.bad += lines.bad
    return reader


def seconds_of(column):
    """Whole seconds of a column of times, rounded down; it is UTC where it has no zone."""
    if pa.types.is_date(column.type):
        return [None if days is None else days * 86400 for days in column.cast(pa.int32()).to_pylist()]
    unit = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[column.type.unit]
    return [None if value is None else value // unit for value in column.cast(pa.int64()).to_pylist()]


class NoText:
    """Bytes that are no UTF-8."""


def text_of(value):
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return NoText


def cells_of(column):
    """What a column says, as texts, integers, fractions or truths."""
    if pa.types.is_binary(column.type) or pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return [text_of(value) for value in column.cast(pa.large_binary()).to_pylist()]
    if pa.types.is_timestamp(column.type):
        # Only in fields that hold no time, where none is an integer, whatever it says.
        return ["a time" if valid else None for valid in column.is_valid().to_pylist()]
    return column.to_pylist()


class Bad(Exception):
    pass


def integer_of(value, bits):
    """An integer of a cell of an integer field; None for NULL."""
    if value is None or value == "-":
        return None
    if isinstance(value, (float, Decimal)):
        if value != value:
            return None
        if value in (float("inf"), float("-inf")) or value != int(value):
            raise Bad
    elif isinstance(value, bool) or (isinstance(value, str) and not re.fullmatch("-?[0-9]+", value)):
        raise Bad
    if not -(2**bits) <= int(value) < 2**bits:
        raise Bad
    return int(value)


def parquet_cell(name, value, is_time):
    if name not in INT and name not in BIGINT:
        if value is None or value == "-":
            return None
        return str(value).lower() if isinstance(value, bool) else str(value)
    value = integer_of(value, 31 if name in INT else 63)
    if value is not None and name in ("start", "end"):
        if value < YEAR_1:
            raise Bad
        value = value if is_time else seconds(value)
    return None if value is None else str(value)


def read_parquet(data):
    """Records of a Parquet file; None if it is no flow log."""
    try:
        table = pq.ParquetFile(io.BytesIO(data)).read()
    except (pa.ArrowException, OSError):
        return None
    stored = [name or f"C{place}" for place, name in enumerate(table.schema.names)]
    names = [re.sub(r"[^\x21-\x23\x25-\x2b\x2d-\x7a\x7c\x7e]", "_", name)[:128] for name in stored]
    if not is_flow_log([name.encode() for name in names]):
        return None
    names = columns_of([name.encode() for name in names])
    if names is None:
        return None
    reader = Reader(names, False)
    columns = []
    for name, column in zip(names, table.columns):
        is_time = name in ("start", "end") and (pa.types.is_timestamp(column.type) or pa.types.is_date(column.type))
        columns.append((name, seconds_of(column) if is_time else cells_of(column), is_time))
    for row in range(table.num_rows):
        record = {}
        if any(cells[row] is NoText for _, cells, _ in columns):
            reader.rejected += 1
            continue
        for name, cells, is_time in columns:
            try:
                value = parquet_cell(name, cells[row], is_time)
            except Bad:
                reader.bad += 1
                continue
            if value is not None:
                record[name.replace("-", "_").lower()] = value
        reader.records.append(record)
    return reader


def said(reader):
    return {"records": reader.records, "rejected": reader.rejected, "bad": reader.bad, "damaged": False}


def unwrapped(data):
    """Files within a file; the file itself if it is no wrapping."""
    if data[:4] == b"PK\3\4":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [inner for name in archive.namelist() for inner in unwrapped(archive.read(name))]
    if data[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            return [inner for member in archive if member.isfile() for inner in unwrapped(archive.extractfile(member).read())]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return unwrapped(data.decode("utf-16").encode())
    if data[:2] == GZIP or data[:4] == ZSTD:
        pieces = sections(data)
        if None in pieces:
            return [data]
        inner = b"".join(pieces)
        if inner[:2] == GZIP or inner[:4] in (ZSTD, b"PAR1") or inner[257:262] == b"ustar":
            return unwrapped(inner)
    return [data]


def answer(data, named_parquet):
    if data[:4] == b"PAR1" or named_parquet:
        reader = read_parquet(data)
        return {"skipped": True} if reader is None else said(reader)
    pieces = sections(data)
    trusted = b"".join(piece for piece in pieces if piece is not None)
    damaged = None in pieces
    if damaged and pieces.count(None) == len(pieces):
        return {"unreadable": True}
    head = trusted[:HEAD]
    if b"\0" in head:
        return {"skipped": True}
    while head.startswith(b"\xef\xbb\xbf"):
        head = head[3:]
    first = next((bare(line) for line in head.split(b"\n") if not is_blank(line)), None)
    reader = Reader(None, False)
    if first is not None and not damaged:
        if first.lstrip()[:1] == b"{":
            return said(read_json(trusted.decode()))
        if not is_header(split(first)) and csv_names(first.decode("latin1")):
            return said(read_csv(trusted.decode()))
    if first is None:
        if len(trusted) >= HEAD:
            return {"skipped": True}
    else:
        led = LEADING_TIME.match(first)
        tokens = split(first[led.end() :] if led else first)
        if not is_header(tokens):
            if led and fits_default(tokens):
                reader = Reader(DEFAULT, True)
            elif not damaged:
                return {"skipped": True}
        elif columns_of(tokens) is None:
            return {"skipped": True}
    for line in trusted.split(b"\n") if trusted else []:
        reader.read(line)
    return {"records": reader.records, "rejected": reader.rejected, "bad": reader.bad, "damaged": damaged}


for request in sys.stdin:
    path = json.loads(request)
    with open(path, "rb") as file:
        print(json.dumps([answer(data, path.endswith(".parquet")) for data in unwrapped(file.read())]), flush=True)
