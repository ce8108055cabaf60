import fc from 'fast-check';
import { JsonItems, type JsonShape } from '../../lib/source/json-items';

const DOCUMENTS: JsonShape = { arrays: new Set(['events', 'logEvents']), strings: true };

function cut(text: string, shape: JsonShape = DOCUMENTS, size = text.length || 1) {
  const items: string[] = [];
  const rejects: string[] = [];
  const cutter = new JsonItems(
    shape,
    ({ text: item, line }) => items.push(`${line} ${item}`),
    ({ line }, reason) => rejects.push(`${line} ${reason}`),
  );
  for (let i = 0; i < text.length; i += size) cutter.push(text.slice(i, i + size));
  cutter.end();
  return { items, rejects };
}

describe.each([
  ['objects one after the other', '{"a":1}{"a":2}', ['1 {"a":1}', '1 {"a":2}'], []],
  [
    'elements of a named array; the rest of its object is none',
    '{"n":[{"x":1}],"events":[{"a":1},{"a":2}],"m":{"b":[{"a":3}]}}\n{"events":[]}',
    ['1 {"a":1}', '1 {"a":2}'],
    [],
  ],
  ['an object without such an array', '{"n":[{"x":1}],"m":2}', ['1 {"n":[{"x":1}],"m":2}'], []],
  ['arrays in arrays', '{"events":[[1,2],[3]]}', ['1 [1,2]', '1 [3]'], []],
  ['strings', '"a"\n["b","c{"]', ['1 "a"', '2 "b"', '2 "c{"'], []],
  ['brackets and quotes in strings', '{"a":"}]\\"{["}{"a":"\\\\"}', ['1 {"a":"}]\\"{["}', '1 {"a":"\\\\"}'], []],
  [
    'a missing closing brace of the document',
    '{"events":[{"a":1}]',
    ['1 {"a":1}'],
    ['1 the text ends inside a document: the rest is missing'],
  ],
  [
    'a document that is cut within a string, another behind it',
    '{"t":1,"events":[{"a":"x"},{"a":"y{"t":2,"events":[{"a":"z"}]}',
    ['1 {"a":"x"}', '1 {"a":"z"}'],
    ['1 a string is not closed'],
  ],
  ['a document that is cut behind a number', '{"a":1,"b":2{"a":2}', ['1 {"a":2}'], ['1 a comma or a bracket is missing']],
  ['a line that ends behind a colon', '{"a":1}\n{"a":\n{"a":3}\n', ['1 {"a":1}', '3 {"a":3}'], ['2 the text ends inside it']],
  [
    'lines that end behind a bracket',
    '{"a":1}\n{\n{"a":[\n{"a":3}\n{"a":4}',
    ['1 {"a":1}', '4 {"a":3}', '5 {"a":4}'],
    ['2 a key is missing', '3 a comma or a bracket is missing'],
  ],
  [
    'an open quote in a pretty-printed element',
    '{"events": [\n  {\n    "a": "1"\n  },\n  {\n    "a": "2\n  },\n  {\n    "a": "3"\n  }\n]}',
    ['2 {\n    "a": "1"\n  }', '8 {\n    "a": "3"\n  }'],
    ['5 a string is not closed'],
  ],
  ['words', 'Error: no\n{"a":1}', ['2 {"a":1}'], ['1 no JSON object']],
  ['nothing', ' \n\t', [], []],
] as [string, string, string[], string[]][])('%s', (_, text, items, rejects) => {
  test.each([1, 2, 3, 7, 1000])('in pieces of %i', (size) => {
    const found = cut(text, DOCUMENTS, size);
    expect(found).toEqual({ items, rejects });
  });
});

const object = fc
  .dictionary(
    fc.stringMatching(/^[b-y]{1,6}$/),
    fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.array(fc.string(), { maxLength: 2 })),
    { maxKeys: 4 },
  )
  .map((rest) => ({ a: 1, ...rest }));
const latin1 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

test('what is whole comes out whole, wherever the pieces end', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.boolean(), fc.array(object, { maxLength: 4 }))),
      fc.constantFrom('', '\n', ' '),
      fc.boolean(),
      fc.integer({ min: 1, max: 40 }),
      (documents, between, pretty, size) => {
        const text = documents
          .flatMap(([wrapped, objects]): unknown[] => (wrapped ? [{ z: 1, events: objects, y: 'end' }] : objects))
          .map((value) => JSON.stringify(value, null, pretty ? 2 : 0))
          .join(between);
        const { items, rejects } = cut(latin1(text), DOCUMENTS, size);
        expect(rejects).toEqual([]);
        expect(
          items.map((item) => JSON.parse(Buffer.from(item.slice(item.indexOf(' ') + 1), 'latin1').toString('utf8')) as unknown),
        ).toEqual(documents.flatMap(([, objects]) => objects));
      },
    ),
  );
});

test('damage costs what it touches: every other object comes out, and pieces change nothing', () => {
  const clean = fc.integer({ min: 0, max: 999 }).map((n) => ({ k: n, text: 'x'.repeat(n % 7) }));
  fc.assert(
    fc.property(
      fc.array(clean, { minLength: 3, maxLength: 12 }),
      fc.nat(),
      fc.nat(),
      fc.constantFrom('', '\n'),
      fc.integer({ min: 1, max: 50 }),
      (objects, which, where, between, size) => {
        const texts = objects.map((value) => JSON.stringify(value));
        const index = which % (texts.length - 1);
        const whole = texts[index]!;
        texts[index] = whole.slice(0, 1 + (where % (whole.length - 1)));
        const found = cut(texts.join(between), DOCUMENTS, size);
        const rest = objects.filter((_, i) => i !== index).map((value) => JSON.stringify(value));
        const parsed = found.items.map((item) => item.slice(item.indexOf(' ') + 1));
        // What is left of the broken one may be taken for the beginning of its neighbour, never for the others.
        expect(parsed.filter((item) => rest.includes(item)).length).toBeGreaterThanOrEqual(rest.length - 1);
        expect(cut(texts.join(between))).toEqual(found);
      },
    ),
    { numRuns: 300 },
  );
});
