/**
 * Fields of one line of CSV; undefined if a quote is not closed. Flow logs have no line feeds in values, so a broken line costs no other.
 * https://www.rfc-editor.org/rfc/rfc4180
 */
export function csvFields(line: string): string[] | undefined {
  if (!line.includes('"')) return line.split(',');
  const fields: string[] = [];
  const field = /\s*"((?:[^"]|"")*)"\s*(,|$)|([^,"]*)(,|$)/y;
  for (;;) {
    const match = field.exec(line);
    if (match === null) return undefined;
    fields.push(match[1]?.replaceAll('""', '"') ?? match[3] ?? '');
    if ((match[2] ?? match[4]) === '') return fields;
  }
}
