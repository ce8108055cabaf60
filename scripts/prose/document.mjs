/** What is code within prose: spans in backticks, placeholders, and the braces of templates. */
const CODE = /`[^`\n]*`|\$?\{[^}\n]*\}?/g;

/** A textlint document whose sentences are the ranges `[from, to)` of the text, without the code in them. */
export function documentOf(text, ranges) {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const position = (offset) => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low] };
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
