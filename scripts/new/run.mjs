// Writes what a new question, detection or source begins with, each with a fixture that fails until it is written.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { KINDS } from './places.mjs';

const HERE = import.meta.dirname;
const USAGE = `Usage: npm run new:question -- top-things | npm run new:detection -- odd-things | npm run new:source -- some-cloud`;

function fail(message) {
  console.error(`${message}\n${USAGE}`);
  process.exit(2);
}

const [kind, id, ...rest] = process.argv.slice(2);
if (!Object.hasOwn(KINDS, kind ?? '')) fail(`No kind "${kind ?? ''}": expected ${Object.keys(KINDS).join(', ')}.`);
if (id === undefined || rest.length > 0 || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id))
  fail(`The name must be kebab-case such as top-things; got ${JSON.stringify([id, ...rest].filter(Boolean).join(' '))}.`);

const name = id.replace(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const words = {
  id: kind === 'source' ? id.replaceAll('-', '_') : id,
  dashed: id,
  name,
  key: name === id ? id : `'${id}'`,
  entry: name === id ? id : `'${id}': ${name}`,
  Title: id.replaceAll('-', ' ').replace(/^./, (letter) => letter.toUpperCase()),
};
const filled = (text) => text.replaceAll(/__(id|dashed|name|key|entry|Title)__/g, (_, word) => words[word]);
const template = (from) => filled(readFileSync(join(HERE, from), 'utf8'));

const { files, lines, generated, tests } = KINDS[kind];
for (const { to } of files) if (existsSync(filled(to))) fail(`${filled(to)} exists: choose another name.`);
const changed = new Map();
for (const { to, before, from, line } of lines) {
  const text = changed.get(to) ?? readFileSync(to, 'utf8');
  const at = text.indexOf(before);
  if (at === -1) throw new Error(`${to}: expected ${JSON.stringify(before)}, where the new lines go; mend scripts/new/places.mjs`);
  changed.set(to, text.slice(0, at) + (from === undefined ? filled(line) : template(from)) + text.slice(at));
}
for (const { to, from } of files) {
  mkdirSync(dirname(filled(to)), { recursive: true });
  writeFileSync(filled(to), template(from));
  console.log(`wrote   ${filled(to)}`);
}
for (const [path, text] of changed) {
  writeFileSync(path, text);
  console.log(`changed ${path}`);
}
console.log(`
Next: write what you expect into the fixture, replace each TODO, then
  npx jest ${tests}${kind === 'source' ? '' : ` -t ${id}`}
  npm run docs        # writes ${generated.join(' and ')}`);
