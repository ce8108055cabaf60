import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { shellQuoted, shellQuotedLines } from '../../lib/finding/command';

const spoken = (shell: string, quoted: string) => execFileSync(shell, ['-c', `printf %s ${quoted}`], { encoding: 'utf8' });

test('SQL of several lines is pasted as it is, into any shell', () => {
  const sql = "SELECT 'a' AS b,\n  1 AS c";
  expect(shellQuotedLines(sql)).toBe("'SELECT '\\''a'\\'' AS b,\n  1 AS c'");
  expect(spoken('sh', shellQuotedLines(sql))).toBe(sql);
});

test.each(['a\nb', 'a\u001b[2Jb', "it's\n\u0085", '$(touch x)\t'])('%j is one line that bash reads back', (text) => {
  expect(shellQuoted(text)).not.toMatch(/\n/);
  expect(spoken('bash', shellQuoted(text))).toBe(text);
});

test('whatever the text, bash reads it back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (raw) => {
      const text = raw.replaceAll('\0', '');
      expect(spoken('bash', shellQuotedLines(text))).toBe(text);
    }),
    { numRuns: 60 },
  );
});
