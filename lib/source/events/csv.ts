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

const namesOf = (line: string): string[] | undefined => csvFields(line.replace(/^(?:\xef\xbb\xbf|\ufeff)/, ''))?.map((name) => name.trim());

/** Whether a line names columns that flow logs come in, and how. */
export function csvForm(line: string): 'messages' | 'rows' | undefined {
  if (!line.includes(',')) return undefined;
  const names = namesOf(line);
  if (names === undefined) return undefined;
  if (names.some((name) => MESSAGES.includes(name.toLowerCase())) && names.every((name) => /^[@\w .:-]+$/.test(name))) return 'messages';
  return namesRecords(names) && !names.some((name) => /^\d+$/.test(name)) ? 'rows' : undefined;
}

export function csvEvents(events: Events): FileReader {
  let header = '';
  let names: readonly string[] = [];
  let message = -1;
  const row = (line: string, number: number) => {
    const values = csvFields(line);
    if (values === undefined) return events.stranger(line, number, `line ${number}: a quote is not closed`);
    // A comma that nobody quoted belongs to a message that is the last column.
    const text = message === names.length - 1 ? values.slice(message).join(',') : values[message];
    if (message !== -1 && text !== undefined && text !== '') return events.message(text, number);
    if (message === -1 && values.length === names.length)
      return events.row(Object.fromEntries(names.map((name, i) => [name, values[i]])), number);
    events.stranger(line, number, wrongColumns(values, names));
  };
  const lines = new TextLines(
    (line, number) => {
      if (header !== '' && line !== header) return row(line, number);
      header = line;
      names = namesOf(line) ?? [];
      message = names.findIndex((name) => MESSAGES.includes(name.toLowerCase()));
    },
    (line, number, reason) => events.stranger(line, number, reason),
  );
  return lineReader(lines, events);
}
