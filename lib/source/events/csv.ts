/**
 * CSV of the CloudWatch console (`timestamp,message`), of Logs Insights (`@timestamp,@message`), and of Athena and others, whose header names
 * the fields.
 */
import { csvFields } from '../csv-line';
import { type FileReader, lineReader } from '../foreign/reader';
import { wrongColumns } from '../lines';
import { TextLines } from '../text-lines';
import { type Events, namesRecords } from './events';

const MESSAGES = ['message', '@message'];

const namesOf = (line: string): string[] | undefined => csvFields(line)?.map((name) => name.trim());

/** A cell that no line of names has. */
const VALUE = /(?:^|,)\s*"?(?:\d+|-)"?\s*(?:,|$)/;

/** Whether a line names columns that flow logs come in, and how. */
export function csvForm(line: string): 'messages' | 'rows' | undefined {
  if (!line.includes(',') || VALUE.test(line)) return undefined;
  const names = namesOf(line);
  if (names === undefined) return undefined;
  if (names.some((name) => MESSAGES.includes(name.toLowerCase())) && names.every((name) => /^[@\w .:-]+$/.test(name))) return 'messages';
  return namesRecords(names) ? 'rows' : undefined;
}

export function csvEvents(events: Events): FileReader {
  let names: readonly string[] | undefined;
  let message = -1;
  const row = (line: string, number: number) => {
    if (names === undefined) return events.stranger(line, number, 'no line of column names before it');
    const values = csvFields(line);
    if (values === undefined) return events.stranger(line, number, `line ${number}: a quote is not closed`);
    // An unquoted comma belongs to a message in the last column.
    const text = message === names.length - 1 ? values.slice(message).join(',') : values[message];
    if (message !== -1 && text !== undefined && text !== '') return events.message(text, number);
    if (message === -1 && values.length === names.length)
      return events.row(
        names,
        values.map((value) => value.trim()),
        { text: line, line: number },
      );
    events.stranger(line, number, wrongColumns(values, names));
  };
  const lines = new TextLines(
    (line, number) => {
      if (csvForm(line) === undefined) return row(line, number);
      const named = namesOf(line) ?? [];
      message = named.findIndex((name) => MESSAGES.includes(name.toLowerCase()));
      names = message !== -1 || events.areColumns(named, { text: line, line: number }) ? named : undefined;
    },
    (line, number, reason) => events.stranger(line, number, reason),
  );
  return lineReader(lines, events);
}
