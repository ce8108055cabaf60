// What is bundled: its licence texts, which go with it, and the bill of materials of the package (CycloneDX).
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Folders of the packages that are in bundles, by esbuild's metafiles of them. */
export const packagesIn = (...metafiles) => [
  ...new Set(
    metafiles
      .flatMap(({ outputs }) => Object.values(outputs))
      .flatMap(({ inputs }) => Object.keys(inputs))
      .flatMap((path) => /.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
  ),
];

const manifestOf = (folder) => JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));

/** Notices too, which the Apache licence wants passed on. */
const isLicence = (name) => /^(licen[cs]e|copying|notice)([-.].*)?$/i.test(name);

/** These require no notice. */
const ASK_NOTHING = new Set(['MIT-0', '0BSD', 'Unlicense', 'CC0-1.0']);

/** Of a package that names its licence without the text, that of this package where it is the same. */
function textOf(folder, license) {
  const files = readdirSync(folder).filter(isLicence).sort();
  if (files.length > 0) return files.map((file) => readFileSync(`${folder}/${file}`, 'utf8').trim()).join('\n\n');
  if (license === manifestOf('.').license) return readFileSync('LICENSE', 'utf8').trim();
  if (ASK_NOTHING.has(license)) return 'This licence requires no text.';
  throw new Error(`${folder}: it is bundled and has no licence text: expected a file LICENSE (${license})`);
}

/** The licence texts of packages, each once under the names of those that have it. Throws for a package that has none. */
export function licenceTexts(folders) {
  const byText = new Map();
  for (const folder of folders) {
    const { name, version, license } = manifestOf(folder);
    const text = textOf(folder, license);
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  const parts = [...byText].map(([text, names]) => `${names.sort().join('\n')}\n\n${text}`);
  return `${parts.sort().join('\n\n----\n\n')}\n`;
}

/** What of the lock file is installed with the package or bundled in it. https://cyclonedx.org/docs/1.5/json/ */
export function billOfMaterials(bundled) {
  // Set by whichever package manager runs this.
  const runner = process.env.npm_execpath ?? '';
  const [command, ...before] = runner.endsWith('npm-cli.js') ? [process.execPath, runner] : ['npm'];
  const bill = JSON.parse(
    execFileSync(command, [...before, 'sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    }),
  );
  const kept = new Set(
    bundled.map((folder) => {
      const { name, version } = manifestOf(folder);
      return `${name} ${version}`;
    }),
  );
  const isDevelopment = ({ properties }) =>
    properties?.some(({ name, value }) => name === 'cdx:npm:package:development' && value === 'true');
  const components = bill.components.filter((part) => !isDevelopment(part) || kept.has(`${part.name} ${part.version}`));
  const refs = new Set([bill.metadata.component['bom-ref'], ...components.map((part) => part['bom-ref'])]);
  bill.metadata.component.name = manifestOf('.').name;
  return {
    ...bill,
    components,
    dependencies: bill.dependencies
      .filter(({ ref }) => refs.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => refs.has(other)) })),
  };
}
