import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Catalogue, loadAnalysis } from '../../lib/analysis/catalogue';
import { temporaryFolder } from '../support/logs';

const folder = temporaryFolder();

const GOOD = `id: ID
title: Title
kind: report
group: Group
summary: What it says
requires: [srcaddr, start]
columns:
  - { name: srcaddr, type: string }
window: 24h
engines: { insights: none }
`;

function analysis(
  id: string,
  yaml: string,
  files: Record<string, string> = { 'athena.sql': 'SELECT srcaddr FROM {{records}} WHERE {{window}}' },
): string {
  const dir = join(folder, id);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'analysis.yaml'), yaml.replace('id: ID', `id: ${id}`));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content);
  return dir;
}

test('a good one loads with its defaults', () => {
  expect(loadAnalysis(analysis('good', GOOD))).toMatchObject({
    id: 'good',
    status: 'stable',
    parameters: {},
    chart: { type: 'table' },
    insights: undefined,
  });
});

test.each([
  ['bad-kind', GOOD.replace('kind: report', 'kind: alert'), /bad-kind\/analysis\.yaml: kind: .*"report"\|"detection".*; got "alert"/],
  [
    'bad-field',
    GOOD.replace('[srcaddr, start]', '[source, start]'),
    /requires\.0: "source" is neither a field of the field table nor a column of the flat view; expected a name such as pkt-srcaddr; got "source"/,
  ],
  ['bad-window', GOOD.replace('24h', 'a day'), /window: expected a duration such as 15m, 24h or 7d; got "a day"/],
  ['extra-key', `${GOOD}colour: red\n`, /Unrecognized key: "colour"/],
  ['no-title', GOOD.replace('title: Title\n', ''), /title: .*; got nothing/],
  ['bad-chart', `${GOOD}chart: { type: bar, x: nowhere }\n`, /chart\.x: "nowhere" is no column; expected one of srcaddr/],
  ['bare-detection', GOOD.replace('kind: report', 'kind: detection'), /severity: a detection needs it[\s\S]*finding: a detection needs it/],
  ['twin-columns', GOOD.replace('columns:\n', 'columns:\n  - { name: srcaddr, type: string }\n'), /columns: column names must differ/],
  ['bad-yaml', `${GOOD}  : [\n`, /bad-yaml\/analysis\.yaml: /],
  [
    'neither',
    GOOD.replace('engines: { insights: none }\n', ''),
    /expected either a file insights\.txt or a reason for its absence; got neither/,
  ],
])('%s names file, key, got and expected', (id, yaml, message) => {
  expect(() => loadAnalysis(analysis(id, yaml))).toThrow(message);
});

test('the folder must be called like the id', () => {
  expect(() => loadAnalysis(analysis('folder-name', GOOD.replace('id: ID', 'id: other-name')))).toThrow(
    /id: must equal the folder's name; got "other-name", expected "folder-name"/,
  );
});

test('a folder without SQL says so', () => {
  expect(() => loadAnalysis(analysis('no-sql', GOOD, {}))).toThrow(/no-sql: expected a file athena\.sql; got none/);
});

test('an unknown id names near ones, and no id reaches other folders', () => {
  const catalogue = new Catalogue();
  expect(() => catalogue.get('top-sources')).toThrow(/no analysis "top-sources": did you mean .*top-rejected-sources/);
  for (const id of ['../queries/top-talkers', '_partials', '', '.']) expect(() => catalogue.get(id)).toThrow(/no analysis/);
});
