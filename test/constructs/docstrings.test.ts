import { readLibrary } from '../../scripts/construct-docs';

/** docs/constructs.md is only as good as the docstrings: this says which are missing. */
const types = readLibrary().filter(({ file }) => file.startsWith('lib/constructs/'));

test('every construct, class and interface says what it is', () => {
  const silent = types.filter(({ kind, name, text }) => kind !== 'other' && text === '' && !/(Props|Attributes)$/.test(name));
  expect(silent.map(({ name }) => name)).toEqual([]);
});

test('every public property and method has a docstring', () => {
  const silent = types.flatMap(({ kind, name, members }) =>
    kind === 'other'
      ? []
      : members.filter(({ text, fallback }) => text === '' && fallback === undefined).map((member) => `${name}.${member.name}`),
  );
  expect(silent).toEqual([]);
});

test('every optional property says its default', () => {
  const silent = types.flatMap(({ kind, name, members }) =>
    kind === 'interface' && !/^I[A-Z]/.test(name)
      ? members.filter(({ optional, fallback }) => optional && fallback === undefined).map((member) => `${name}.${member.name}`)
      : [],
  );
  expect(silent).toEqual([]);
});
