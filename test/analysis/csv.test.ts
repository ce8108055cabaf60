import fc from 'fast-check';
import { csvLines } from '../../lib/analysis/csv';

/** RFC 4180, by itself. */
function parsed(text: string): string[][] {
  const rows: string[][] = [[]];
  let at = 0;
  while (at < text.length) {
    const quoted = /"((?:[^"]|"")*)"/y;
    const bare = /[^,\n]*/y;
    quoted.lastIndex = bare.lastIndex = at;
    const match = quoted.exec(text);
    const [whole, value] = match === null ? [bare.exec(text)?.[0] ?? '', undefined] : [match[0], match[1]?.replaceAll('""', '"')];
    rows.at(-1)?.push(value ?? whole);
    at += whole.length;
    if (text[at] === '\n' && at + 1 < text.length) rows.push([]);
    at++;
  }
  return rows;
}

test.each([
  ["=cmd|'/c'!A1", "'=cmd|'/c'!A1"],
  ['+1+1', "'+1+1"],
  ['-2+3', "'-2+3"],
  ['@SUM(1)', "'@SUM(1)"],
  ['\t=1', "'\t=1"],
  ['＝1+1', "'＝1+1"],
  ['-5', '-5'],
  ['+5.5', '+5.5'],
  ['-', '-'],
  ['eni-0abc', 'eni-0abc'],
  ['10.0.0.1', '10.0.0.1'],
])('%j leaves as %j for a spreadsheet, and as it is for programs', (value, cell) => {
  expect(parsed(csvLines([[value]], { safe: true }))).toEqual([[cell]]);
  expect(parsed(csvLines([[value]], { safe: false }))).toEqual([[value]]);
});

test('numbers, booleans and nothing are as they were', () => {
  for (const safe of [true, false]) expect(csvLines([[-5, 0.002, true, false, null, '']], { safe })).toBe('-5,0.002,true,false,,\n');
});

test('no cell of any text begins as a formula, also where a spreadsheet separates by semicolons or tabs; nothing else changes', () => {
  const text = fc.string({ unit: fc.constantFrom(...Array.from('=+-@;,\t\n"\'a1 ')), maxLength: 8 });
  fc.assert(
    fc.property(fc.array(fc.array(text, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 3 }), (rows) => {
      const lines = csvLines(rows, { safe: true });
      expect(lines.replace(/"(?:[^"]|"")*"/g, '""')).not.toMatch(/[;\t][=+\-@]/);
      const cells = parsed(lines).flat();
      rows.flat().forEach((value, i) => {
        expect([value, `'${value}`]).toContain(cells[i]);
        if (!/^[+-]?\d+$|^-$/.test(value)) expect(cells[i]).not.toMatch(/^[=+\-@\t\n]/);
      });
      expect(parsed(csvLines(rows, { safe: false }))).toEqual(rows);
    }),
  );
});
