/**
 * What a new question, detection or source consists of: the files that are written, and the lines that are added to
 * existing ones. CONTRIBUTING.md prints this table; test/package/new.test.ts compares both with what happens.
 */
const inQueries = (kind, names) => names.map((name) => ({ to: `queries/__dashed__/${name}`, from: `${kind}/${name}` }));

export const KINDS = {
  question: {
    files: inQueries('question', ['analysis.yaml', 'athena.sql', 'insights.txt', 'fixtures/office.yaml', 'fixtures/empty-window.yaml']),
    lines: [],
    generated: ['docs/analyses.md'],
    tests: 'test/queries.test.ts',
  },
  detection: {
    files: inQueries('detection', ['analysis.yaml', 'athena.sql', 'evidence.sql', 'fixtures/finds.yaml', 'fixtures/silent.yaml']),
    lines: [],
    generated: ['docs/analyses.md', 'docs/runbook.md'],
    tests: 'test/queries.test.ts',
  },
  source: {
    files: [
      { to: 'lib/source/foreign/__dashed__.ts', from: 'source/reader.ts.txt' },
      { to: 'docs/sources/__dashed__.md', from: 'source/page.md' },
      { to: 'test/source/__dashed__.test.ts', from: 'source/test.ts.txt' },
    ],
    lines: [
      { to: 'lib/flow-log/foreign.ts', before: '} as const satisfies Record<string, Definition>;', from: 'source/definition.txt' },
      {
        to: 'lib/source/foreign/registry.ts',
        before: "import type { ParquetSource, TextSource } from './reader';",
        line: "import { __name__ } from './__dashed__';\n",
      },
      { to: 'lib/source/foreign/registry.ts', before: '};\n\n/** Undefined for a source that is no text. */', line: '  __entry__,\n' },
      {
        to: 'docs/reading.md',
        before: ' | keys or columns that only they have, or `--source-format`',
        line: ', [__Title__](sources/__dashed__.md)',
      },
    ],
    generated: ['docs/fields.md', 'test/cli/golden/help-options.txt'],
    tests: 'test/source',
  },
};
