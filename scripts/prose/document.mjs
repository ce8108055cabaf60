import { LineCounter } from 'yaml';

/** What is code within prose: spans in backticks, placeholders, and the braces of templates. */
const CODE = /`[^`\n]*`|\$?\{[^}\n]*\}?/g;

/** A textlint document whose sentences are the ranges `[from, to)` of the text, without the code in them. */
export function documentOf(text, ranges) {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (const { index } of text.matchAll(/\n/g)) lines.addNewLine(index + 1);
  const position = (offset) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col - 1 };
  };
  const node = (type, from, to, rest) => ({
    type,
    raw: text.slice(from, to),
    range: [from, to],
    loc: { start: position(from), end: position(to) },
    ...rest,
  });
  const children = ranges.flatMap(([from, to]) => {
    const parts = [];
    let at = from;
    for (const { index, 0: code } of text.slice(from, to).matchAll(CODE)) {
      parts.push([at, from + index]);
      at = from + index + code.length;
    }
    parts.push([at, to]);
    return parts.filter(([start, end]) => end > start).map(([start, end]) => node('Str', start, end, { value: text.slice(start, end) }));
  });
  return node('Document', 0, text.length, { children });
}
