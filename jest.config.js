// Of the Node versions that the SDK's releases of 2027 leave; cli/aws.ts says why it is of no use. Workers inherit it.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const swc = [
  '@swc/jest',
  { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs', ignoreDynamic: false } },
];

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testPathIgnorePatterns: ['<rootDir>/test/cloud/', '<rootDir>/test/browser/'],
  transform: { '^.+\\.ts$': swc, '^.+/zstddec/.+\\.mjs$': swc },
  // Packages that are ES modules only, which jest cannot load.
  transformIgnorePatterns: ['/node_modules/(?!zstddec/)'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1', '^flow-log-analytics/constructs$': '<rootDir>/lib/constructs' },
  globalSetup: '<rootDir>/test/support/build-cli.ts',
  // Set by .ci/run, so that a commit is always judged on the same random cases; elsewhere each run takes others.
  setupFiles: process.env.PROPERTY_SEED === undefined ? [] : ['<rootDir>/test/support/property-seed.ts'],
  // Left to itself, jest keeps one core of two idle.
  maxWorkers: 2,
  // Not a judgement of speed: a test may share its core with another that starts DuckDB.
  testTimeout: 180_000,
};
