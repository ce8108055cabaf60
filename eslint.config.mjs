import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Imports run one way (docs/architecture.md): a folder may not import from those that come after it. */
const ORDER = [
  'lib/flow-log',
  'lib/source',
  'lib/analysis',
  'lib/inventory',
  'lib/engine',
  'lib/finding',
  'lib/lake',
  'lib/describe-flow-log',
  'lib/explore',
  'lib/report',
  'lib/synthetic',
  'lib/config.ts',
  'lib/constructs',
  'lib/run.ts',
  'lib/cost',
  'lib/estimate.ts',
  'lambda',
  'cli',
  'web',
  'bin',
];
const MAY_IMPORT = {
  'lib/flow-log': [],
  'lib/source': ['lib/flow-log'],
  'lib/analysis': ['lib/flow-log'],
  'lib/inventory': ['lib/flow-log', 'lib/source', 'lib/analysis'],
  'lib/engine': ['lib/flow-log', 'lib/source', 'lib/analysis', 'lib/inventory'],
  'lib/finding': ['lib/flow-log', 'lib/analysis', 'lib/inventory'],
  'lib/lake': ['lib/flow-log', 'lib/analysis', 'lib/engine'],
  'lib/describe-flow-log': ['lib/flow-log', 'lib/analysis', 'lib/engine'],
  'lib/explore': ['lib/flow-log', 'lib/source', 'lib/analysis', 'lib/engine', 'lib/finding'],
  'lib/report': ['lib/flow-log', 'lib/analysis', 'lib/inventory', 'lib/engine', 'lib/finding', 'lib/explore'],
  'lib/synthetic': ['lib/flow-log'],
  'lib/cost': ['lib/flow-log', 'lib/analysis', 'lib/finding', 'lib/lake', 'lib/run.ts'],
  'lib/estimate.ts': ['lib/cost'],
  'lib/config.ts': ['lib/flow-log', 'lib/analysis', 'lib/finding'],
  'lib/constructs': [
    'lib/flow-log',
    'lib/analysis',
    'lib/finding',
    'lib/lake',
    'lib/describe-flow-log',
    'lib/explore',
    'lib/report',
    'lib/cost',
    'lib/config.ts',
    'lambda',
  ],
  'lib/run.ts': ['lib/flow-log', 'lib/analysis', 'lib/engine', 'lib/finding'],
  lambda: [
    'lib/flow-log',
    'lib/analysis',
    'lib/engine',
    'lib/finding',
    'lib/lake',
    'lib/describe-flow-log',
    'lib/explore',
    'lib/report',
    'lib/run.ts',
  ],
  web: ['lib/flow-log', 'lib/analysis', 'lib/finding', 'lib/explore', 'lib/report'],
  cli: [
    'lib/flow-log',
    'lib/source',
    'lib/analysis',
    'lib/inventory',
    'lib/engine',
    'lib/finding',
    'lib/lake',
    'lib/describe-flow-log',
    'lib/explore',
    'lib/report',
    'lib/synthetic',
    'lib/cost',
    'lib/estimate.ts',
    'lib/config.ts',
    'lib/run.ts',
  ],
};
const zones = Object.entries(MAY_IMPORT).flatMap(([target, allowed]) =>
  ORDER.filter((from) => from !== target && !allowed.includes(from)).map((from) => ({
    target: `./${target}`,
    from: `./${from}`,
    message: `${target} may import only ${allowed.join(', ') || 'nothing of ours'} (docs/architecture.md)`,
  })),
);

const CDK = { group: ['aws-cdk-lib', 'aws-cdk-lib/*', 'constructs'], message: 'only constructs and bin/app.ts see the CDK' };
const DUCKDB = { group: ['@duckdb/*'], message: 'only engine/duckdb and source see DuckDB' };
const restrict = (files, patterns) => ({ files, rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] } });

export default tseslint.config(
  { ignores: ['dist/', 'cdk.out/', '.box/', 'coverage/', 'node_modules/'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver': { node: { extensions: ['.ts', '.js'] } } },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-cycle': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Both forms read well; which one is a matter of the line.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/prefer-nullish-coalescing': 'error',
      'no-control-regex': 'error',
    },
  },
  restrict(['lib/**/*.ts', 'cli/**/*.ts', 'lambda/**/*.ts', 'bin/**/*.ts'], [CDK, DUCKDB]),
  restrict(['lib/constructs/**/*.ts', 'bin/app.ts'], [DUCKDB]),
  {
    files: ['lib/constructs/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "MemberExpression[property.name='props'][object.type!='ThisExpression']",
          message: 'what a construct was made with is its own: take an interface (IFlowLogTable, …), which an imported one has too',
        },
      ],
    },
  },
  restrict(['lib/source/**/*.ts', 'lib/engine/duckdb/**/*.ts'], [CDK]),
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
