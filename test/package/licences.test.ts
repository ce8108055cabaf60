import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const DIST = join(ROOT, 'dist');

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  name: string;
  version: string;
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
};

interface Component {
  name: string;
  version: string;
}

const bill = JSON.parse(readFileSync(join(DIST, 'sbom.cdx.json'), 'utf8')) as {
  bomFormat: string;
  metadata: { component: { name: string; version: string } };
  components: Component[];
  dependencies: { ref: string; dependsOn: string[] }[];
};
const functions = readdirSync(join(DIST, 'functions'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** Names and versions of the packages that esbuild says are in a function. */
function packagesOf(name: string): string[] {
  const { outputs } = JSON.parse(readFileSync(join(DIST, 'functions', `${name}.meta.json`), 'utf8')) as {
    outputs: Record<string, { inputs: Record<string, unknown> }>;
  };
  const folders = Object.values(outputs)
    .flatMap(({ inputs }) => Object.keys(inputs))
    .filter((path) => path.includes('node_modules/'))
    .map((path) => path.replace(/(.*node_modules\/(?:@[^/]+\/)?[^/]+).*/, '$1'));
  return [...new Set(folders)].map((folder) => {
    const { name, version } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as Component;
    return `${name} ${version}`;
  });
}

test.each(functions)('the function %s carries the licence of each package that is bundled into it', (name) => {
  const text = readFileSync(join(DIST, 'functions', name, 'licences.txt'), 'utf8');
  for (const part of packagesOf(name)) expect(text).toContain(`${part} (`);
  expect(text).toMatch(/Apache License\s+Version 2\.0/);
});

test.each([
  ['bin', ['commander', 'zod', 'yaml', 'csv-stringify']],
  ['web', ['preact', 'd3-scale']],
])('the licences of %s are those of what it is made of', (folder, names) => {
  const text = readFileSync(join(DIST, folder, 'licences.txt'), 'utf8');
  for (const name of names) expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
  expect(text).toMatch(/Permission is hereby granted|Permission to use, copy/);
  expect(text).not.toContain('esbuild ');
});

test('the bill of materials names what is installed and what is bundled, and nothing that only makes or tests them', () => {
  expect(bill).toMatchObject({ bomFormat: 'CycloneDX', metadata: { component: { name: manifest.name, version: manifest.version } } });
  const named = new Set(bill.components.map(({ name, version }) => `${name} ${version}`));
  const names = new Set(bill.components.map(({ name }) => name));
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) expect(names).toContain(name);
  for (const part of functions.flatMap(packagesOf)) expect(named).toContain(part);
  for (const name of ['jest', 'eslint', 'typescript', 'aws-cdk']) expect(names).not.toContain(name);
  const refs = new Set(bill.dependencies.map(({ ref }) => ref));
  for (const { dependsOn } of bill.dependencies) for (const other of dependsOn) expect(refs).toContain(other);
});
