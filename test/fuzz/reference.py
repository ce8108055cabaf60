"""An independent reader of flow logs that are no Parquet, written from docs/reading.md with the standard library alone.

Reads paths from standard input, one a line, as JSON strings; answers one line of JSON for each, a list of what each file in it says:
{"skipped": true} or {"records": [{column: value}], "rejected": n, "bad": n, "damaged": bool}, without columns that are NULL.
"""
import gzip
import io
import json
import re
import sys
import tarfile
import zipfile
import zlib

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
    if any(re.fullmatch(rb"\d+|-", token) for token in tokens):
        return False
    names = {SPELT.get(squeezed(token.decode("latin1"))) for token in tokens} - {None}
    if len(names) < min(2, len(tokens)) or not names:
        return False
    return 2 * len(names) >= len(tokens) or {"srcaddr", "dstaddr"} <= names or {"pkt-srcaddr", "pkt-dstaddr"} <= names


def sections(data):
    """Text in trusted pieces, None between them for what is damaged."""
    pieces = []
    at = 0
    if data[:2] != b"\x1f\x8b":
        # Bytes that are no text before a member are a damaged one.
        at = data.find(b"\x1f\x8b\x08") if b"\0" in data[:HEAD] else -1
        if at == -1:
            return [data]
        pieces.append(None)
    while at < len(data) and data[at:].strip(b"\0"):
        member = zlib.decompressobj(31)
        try:
            text = member.decompress(data[at:])
            sound = member.eof
        except zlib.error:
            sound = False
        if sound:
            at = len(data) - len(member.unused_data)
            pieces.append(text)
        else:
            pieces.append(None)
            after = data.find(b"\x1f\x8b\x08", at + 1)
            at = len(data) if after == -1 else after
    return pieces


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
        if is_header(tokens) and (len(tokens) > 1 or self.columns is None or tokens[0].decode() == self.columns[0]):
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
                    for least, unit in ((10**17, 10**9), (10**14, 10**6), (10**11, 10**3)):
                        if value >= least:
                            value //= unit
                            break
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
    if data[:2] == b"\x1f\x8b":
        try:
            inner = gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            return [data]
        if inner[:2] == b"\x1f\x8b" or inner[257:262] == b"ustar":
            return unwrapped(inner)
    return [data]


def answer(data):
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
    with open(json.loads(request), "rb") as file:
        print(json.dumps([answer(data) for data in unwrapped(file.read())]), flush=True)
