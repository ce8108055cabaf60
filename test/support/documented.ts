import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = readFileSync(join(__dirname, '..', '..', 'docs', 'reading.md'), 'utf8');

const cellsOf = (line: string) => line.split(/(?<!\\)\|/).map((cell) => cell.trim());

/** First cells of the rows of the table of docs/reading.md that is headed by this word. */
function rowsOf(head: string): string[] {
  const lines = PAGE.split('\n');
  const at = lines.findIndex((line) => line.startsWith('|') && cellsOf(line)[1] === head);
  const rows = lines.slice(at + 2);
  return at === -1
    ? []
    : rows
        .slice(
          0,
          rows.findIndex((line) => !line.startsWith('|')),
        )
        .map((line) => cellsOf(line)[1] ?? '');
}

/**
 * Names rows of a table of docs/reading.md, for the cases of the test file that calls this. A row that the table does not have is an error, and a test
 * fails where one has no case.
 */
export function documented(head: string): (row: string) => string {
  const rows = rowsOf(head);
  const named = new Set<string>();
  test(`every row of the table of docs/reading.md by "${head}" has its case`, () => {
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.filter((row) => !named.has(row))).toEqual([]);
  });
  return (row) => {
    if (!rows.includes(row))
      throw new Error(`docs/reading.md has no row ${JSON.stringify(row)} in its table by "${head}"; it has ${rows.join(' | ')}`);
    named.add(row);
    return row;
  };
}

/** A sentence of docs/reading.md outside of its tables, as the title of what proves it. */
export function stated(sentence: string): string {
  if (!PAGE.replace(/\s+/g, ' ').includes(sentence)) throw new Error(`docs/reading.md does not say ${JSON.stringify(sentence)}`);
  return sentence;
}
