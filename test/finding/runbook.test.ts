import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Catalogue } from '../../lib/analysis/catalogue';
import { ALARMS } from '../../lib/finding/alarms';

const catalogue = new Catalogue();
const runbook = readFileSync(join(__dirname, '..', '..', 'docs', 'runbook.md'), 'utf8');
const detections = catalogue.all().filter(({ kind }) => kind === 'detection');

test('has a heading for every alarm and every detection, and no other', () => {
  const headings = [...runbook.matchAll(/^### (.*)$/gm)].map((match) => match[1]);
  expect(headings).toEqual([...Object.keys(ALARMS), ...detections.map(({ id }) => id)]);
});

test('every section says how to check in three steps, how to tune and how to silence', () => {
  for (const section of runbook.split(/^### /m).slice(1)) {
    expect(section).toMatch(/\n1\. .+\n2\. .+\n3\. /s);
    expect(section).toContain((section.split('\n', 1)[0] ?? '') in ALARMS ? '**Tune.**' : '**How to use it.**');
    expect(section).toContain('**Silence.**');
  }
});

test('names only questions that there are', () => {
  const named = [...runbook.matchAll(/flowlogs query ([a-z-]+)/g), ...runbook.matchAll(/--only ([a-z-]+)/g)].map((match) => match[1] ?? '');
  expect(named.length).toBeGreaterThan(30);
  for (const id of new Set(named)) expect(catalogue.ids()).toContain(id);
});
