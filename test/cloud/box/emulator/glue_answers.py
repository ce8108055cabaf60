"""Glue leaves out what was not given. The emulator answers empty strings, which Trino takes for the comment of a table: then no view exists."""
from ministack.services import glue

EMPTY = ('Description', 'Owner', 'ViewOriginalText', 'ViewExpandedText', 'ViewDefinition', 'IsMultiDialectView')


def repair(data):
    table = glue._tables.get(f"{data.get('DatabaseName')}/{data.get('TableInput', {}).get('Name')}")
    if not table:
        return
    if table.get('StorageDescriptor'):
        table['StorageDescriptor'] = {'NumberOfBuckets': 0, 'Compressed': False, 'StoredAsSubDirectories': False, **table['StorageDescriptor']}
    for key in EMPTY:
        if not table.get(key):
            table.pop(key, None)


def install():
    for name in ('_create_table', '_update_table'):
        original = getattr(glue, name)

        def wrapped(data, original=original):
            answer = original(data)
            repair(data)
            return answer

        setattr(glue, name, wrapped)
