"""Changes to a right batch that break one rule of the wire format each, by the rule's word.

A change is a function of the batch, or a pair of texts to be replaced in the whole body.
"""
import gzip
import json
import struct
import uuid
import zlib

from received import BOUNDARY


def raw(text):
    """A change that replaces text in the attachment's JSON."""
    old, new = text
    def change(batch):
        json_text = json.dumps(batch.attachment)
        assert json_text.count(old) >= 1, (old, json_text)
        batch.json = json_text.replace(old, new, 1).encode()
    return change


def attachment(**values):
    return lambda batch: batch.attachment.update(values)


def without(key):
    return lambda batch: batch.attachment.pop(key)


def event(**values):
    return lambda batch: batch.event.update(values)


def scope(path, **values):
    """Sets (or with ... removes) keys of an object inside the root scope."""
    def change(batch):
        target = batch.attachment["scopes"][0]
        for step in path:
            target = target[step]
        for key, value in values.items():
            if value is ...:
                del target[key]
            else:
                target[key] = value
    return change


def gz(function):
    def change(batch):
        batch.gzip = function(gzip.compress(json.dumps(batch.attachment).encode()))
    return change


def event_text(function):
    def change(batch):
        batch.event_json = function(json.dumps(batch.event_values())).encode("latin-1")
    return change


def event_without(key, layout="flat"):
    def change(batch):
        batch.layout = layout
        values = batch.event_values()
        target = values
        *sections, last = key.split(".")
        for section in sections:
            target = target[section]
        del target[last]
        batch.event_json = json.dumps(values).encode()
    return change


def nested_event(**values):
    def change(batch):
        batch.layout = "nested"
        event_values = batch.event_values()
        event_values["debugger"].update(values)
        batch.event_json = json.dumps(event_values).encode()
    return change


def reordered(*keys):
    def change(batch):
        batch.attachment = {key: batch.attachment[key] for key in keys}
    return change


def flip_crc(data):
    return data[:-8] + bytes([data[-8] ^ 1]) + data[-7:]


def wrong_length(data):
    return data[:-4] + struct.pack("<I", struct.unpack("<I", data[-4:])[0] + 1)


FUNCTION = ("scopes", 0)
ARGUMENT = ("scopes", 0, "symbols", 0)
FIELD = ("scopes", 0, "symbols", 1)
RANGE = ("scopes", 0, "injectible_lines", 1)
ORDER = ("service", "version", "language", "upload_id", "batch_num", "scopes", "final")
DEEP = b'{"a":' * 600 + b"1" + b"}" * 600

WRONG = {
    # 5: gzip
    "gzip.crc": [gz(flip_crc)],
    "gzip.length": [gz(wrong_length)],
    "gzip.header": [gz(lambda d: b"PK" + d[2:]), lambda b: setattr(b, "gzip", b.json_bytes()),
                    lambda b: setattr(b, "gzip", zlib.compress(b.json_bytes()))],
    "gzip.corrupt": [gz(lambda d: d[:10] + b"\xff" * 20 + d[30:])],
    "gzip.truncated": [gz(lambda d: d[:-1]), gz(lambda d: d[:-8]), gz(lambda d: d[:40]),
                       lambda b: setattr(b, "gzip", b"")],
    "gzip.trailing": [gz(lambda d: d + b"\0"), gz(lambda d: d + d),
                      gz(lambda d: d + gzip.compress(b""))],
    # 5: JSON
    "json.duplicate_key": [
        raw(('"version": "1.0"', '"version": "1.0", "version": "1.0"')),
        raw(('"name": "a.c"', '"name": "a.c", "name": "a.c"')),
        raw(('"start": 3', '"start": 3, "start": 3')),
        raw(('"name": "p"', '"name": "p", "name": "p"')),
        raw(('"return_type": "int"', '"return_type": "int", "return_type": "int"')),
        raw(('"nested": {', '"nested": {"x": 1, "x": 2, ')),
        raw(('"nested": {', '"n": [{"x": {}, "\\u0078": 2}], "nested": {'))],
    "json.trailing": [raw(('"final": true}', '"final": true}x')),
                      raw(('"final": true}', '"final": true}{}')),
                      raw(('"final": true}', '"final": true}]'))],
    "json.nul": [raw(('"final": true}', '"final": true}\0')),
                 raw(('"final": true}', '"final": true}\0{"x":1}'))],
    "json.syntax": [
        raw(('"final": true}', '"final": true,}')), raw(('"final": true}', '"final": true')),
        raw(('"service"', '\ufeff"service"')), raw(("{", "\ufeff{")), raw(("{", "[{")),
        raw(('"name": "f"', '"name": "\t"')), raw(('"name": "f"', '"name": "\0"')),
        raw(('"name": "f"', '"name": "\\ud800"')), raw(('"name": "f"', '"name": "\\x"')),
        raw(('"start_line": 3', '"start_line": 03')), raw(('"start_line": 3', '"start_line": NaN')),
        raw(("{", "/*c*/{")), raw(("{", "")), lambda b: setattr(b, "json", b"")],
    "json.depth": [raw(('"nested": {', '"deep": ' + DEEP.decode() + ', "nested": {'))],
    # the attachment
    "attachment.key_order": [
        reordered(*ORDER[:-2], "final", "scopes"),
        reordered("version", "service", *ORDER[2:]),
        attachment(env="prod")],
    "attachment.missing_key": [without(key) for key in ORDER] + [
        scope(FUNCTION, **{key: ...}) for key in
        ("scope_type", "name", "start_line", "end_line", "has_injectible_lines")] + [
        scope((), has_injectible_lines=...),
        scope(ARGUMENT, name=...), scope(ARGUMENT, type=...), scope(FIELD, symbol_type=..., line=1),
        scope(RANGE, start=...), scope(RANGE, end=...)],
    "attachment.unknown_key": [
        raw(('"final": true}', '"final": true, "x": 1}')), scope((), x=None),
        scope(FUNCTION, has_injectable_lines=True), scope(ARGUMENT, x={"y": [1]}),
        scope(RANGE, x=1)],
    "attachment.empty": [
        attachment(service=""), attachment(version=""), attachment(language=""),
        raw(('"version"', '"env": "", "version"')), attachment(scopes=[]),
        scope((), source_file=""), scope((), scopes=[]), scope(FUNCTION, symbols=[]),
        scope(FUNCTION, injectible_lines=[]), scope(FUNCTION, language_specifics={}),
        scope(ARGUMENT, language_specifics={})],
    "attachment.type": [
        attachment(service=1), attachment(version=None), attachment(language=["cpp"]),
        attachment(upload_id=7), attachment(scopes={"a": 1}), attachment(scopes=None),
        attachment(scopes=[1]), attachment(scopes=[None]), attachment(scopes=[[]]),
        attachment(final=1), attachment(final="true"),
        scope((), source_file=None), scope((), scope_type=None), scope((), name=None),
        scope((), has_injectible_lines=None), scope((), has_injectible_lines="no"),
        scope((), has_injectible_lines=0), scope(FUNCTION, injectible_lines=None),
        scope(FUNCTION, injectible_lines={"start": 1}), scope(FUNCTION, injectible_lines=[[3, 4]]),
        scope(FUNCTION, language_specifics=None), scope(FUNCTION, language_specifics=[]),
        scope(FUNCTION, symbols=None), scope(FUNCTION, symbols={}), scope(FUNCTION, scopes=None),
        scope(ARGUMENT, name=None), scope(ARGUMENT, type=None), scope(ARGUMENT, type=1),
        scope(ARGUMENT, language_specifics=None)],
    "attachment.integer": [
        attachment(batch_num=0), attachment(batch_num=-1), attachment(batch_num="1"),
        attachment(batch_num=1.0), attachment(batch_num=None), attachment(batch_num=2 ** 32),
        attachment(batch_num=1e30),
        scope((), end_line=2147483648), scope((), end_line=2 ** 63), scope((), end_line=2 ** 70),
        scope(FUNCTION, start_line=-1), scope(FUNCTION, start_line=3.0),
        scope(FUNCTION, start_line="3"), scope(FUNCTION, start_line=None),
        scope(ARGUMENT, line=-1), scope(ARGUMENT, line=2147483648), scope(ARGUMENT, line=None),
        scope(ARGUMENT, line="3"), scope(FIELD, line=None), scope(RANGE, start=-1),
        scope(RANGE, end=2147483648), scope(RANGE, end=9.5)],
    "attachment.upload_id": [
        attachment(upload_id="1"), attachment(upload_id=""), attachment(upload_id="../" * 12),
        attachment(upload_id="6ba7b810-9dad-11d1-80b4-00c04fd430cg"),
        attachment(upload_id="{6ba7b810-9dad-11d1-80b4-00c04fd430c8}"),
        attachment(upload_id="6ba7b8109-dad-11d1-80b4-00c04fd430c8")],
    # 6: scopes
    "scope.root_type": [scope((), scope_type=t) for t in
                        ("class", "CLASS", "function", "", "File", "FILES", "translation_unit")],
    "scope.line_order": [scope(FUNCTION, start_line=10), scope((), start_line=5, end_line=4)],
    "symbol.line": [scope(ARGUMENT, line=...), scope(FIELD, symbol_type="static_field"),
                    scope(FIELD, symbol_type="local"), scope(FIELD, symbol_type="Field")],
    "range.line_order": [scope(RANGE, start=10)],
    "range.order": [scope(RANGE, start=4), scope(RANGE, start=1, end=2), scope(RANGE, start=3),
                    scope(FUNCTION, injectible_lines=[{"start": 5, "end": 5}] * 2)],
    # 2: the event
    "event.attachment_size": [event(attachmentSize=0), event(attachmentSize=10 ** 6),
                              nested_event(attachment_size=1)],
    "agree.upload_id": [event(uploadId=str(uuid.uuid4())), nested_event(upload_id="x")],
    "agree.batch_num": [event(batchNum=2), nested_event(batch_num=7)],
    "agree.final": [event(final=False), nested_event(final=False)],
    "agree.service": [event(service="other"), event(service="")],
    "agree.version": [event(version="2")],
    "agree.language": [event(language="java")],
    "event.constant": [event(ddsource="x"), event(type="SymDB"), nested_event(type="")],
    "event.missing_key": [event_without(k) for k in (
        "ddsource", "service", "version", "language", "runtimeId", "type", "uploadId", "batchNum",
        "final", "attachmentSize")] + [event_without(k, "nested") for k in (
            "ddsource", "service", "version", "runtimeId", "debugger.type", "debugger.upload_id",
            "debugger.batch_num", "debugger.final", "debugger.attachment_size")],
    "event.unknown_key": [event(env="prod"), event(upload_id="x"), nested_event(uploadId="x")],
    "event.type": [
        event(service=1), event(version=None), event(runtimeId=None), event(language=3),
        event(uploadId=4), event(batchNum="1"), event(batchNum=0), event(batchNum=-1),
        event(batchNum=1.0), event(final="true"), event(final=None), event(attachmentSize="9"),
        event(attachmentSize=-1), event(ddsource=None), event(type=["symdb"]),
        event(service={"a": 1}), nested_event(type={}), nested_event(final=1)],
    # 1: the parts
    "part.filename": [("file.gz", "file.json.gz"), ("event.json", "event"), ("file.gz", "")],
    "part.content_type": [("application/gzip", "application/octet-stream"),
                          ("application/json", "application/json; charset=utf-8"),
                          ("application/gzip", "application/x-gzip"),
                          ("application/json", "Application/JSON")],
    "part.missing": [('name="file"', 'name="File"'), ('name="event"', 'name="file2"')],
    "part.disposition": [("form-data;", "attachment;"), ('; filename="file.gz"', ""),
                         ('name="event"', "name=event"), ('.json"', '.json"; size=3'),
                         ("form-data; name", "form-data;name")],
    "part.header": [
        ("Content-Type: application/gzip", "Content-Type: application/gzip\r\nContent-Encoding: gzip"),
        ("Content-Type: application/json\r\n", ""), ("Content-Disposition:", "Content-Disposition"),
        ("Content-Type: application/gzip\r\n", "Content-Type: application/gzip\r\nX: y\r\n"),
        ("Content-Type: application/gzip", "Content-Type: application/gzip\r\n"
                                           "Content-Type: application/gzip")],
    "multipart.preamble": [(f"--{BOUNDARY}\r\n", f"preamble\r\n--{BOUNDARY}\r\n"),
                           (f"--{BOUNDARY}\r\n", f"\r\n--{BOUNDARY}\r\n"),
                           (f"--{BOUNDARY}\r\n", "--other\r\n")],
    "multipart.epilogue": [(f"--{BOUNDARY}--\r\n", f"--{BOUNDARY}--\r\nx"),
                           (f"--{BOUNDARY}--\r\n", f"--{BOUNDARY}--\r\n\r\n")],
    "multipart.end": [(f"\r\n--{BOUNDARY}--\r\n", ""), (f"--{BOUNDARY}--", f"--{BOUNDARY}!!"),
                      (f"--{BOUNDARY}--\r\n", f"--{BOUNDARY}")],
}
