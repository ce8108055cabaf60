import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { join } from 'node:path';
import type { Analysis, Catalogue } from '../lib/analysis/catalogue';
import { exampleParameters, renderSql } from '../lib/analysis/render';
import type { Finding } from '../lib/finding/finding';
import type { NotJudged } from '../lib/finding/not-judged';
import { packageVersion } from '../lib/package-root';
import { writeWhole } from './draft';

/** Raised whenever what is stored changes its form. */
const FORM = 2;

/** What the detections found in a set of logs with their default parameters. */
export interface FoundBefore {
  readonly findings: readonly Finding[];
  readonly notJudged: readonly NotJudged[];
}

/** All that makes findings of a detection: its SQL with all includes, and its definition from any place. */
function identityOf(catalogue: Catalogue, analysis: Analysis): unknown {
  const parameters = exampleParameters(analysis);
  return [renderSql(catalogue, analysis, { window: { from: 0, to: 1 }, parameters }), { ...analysis, folder: undefined }];
}

/** Findings, stored with the prepared tables: the same logs and questions give the same findings. */
export class FindingsStore {
  private readonly path: string | undefined;

  constructor(cache: string | undefined, logs: string, catalogue: Catalogue) {
    const detections = catalogue.all().filter(({ kind }) => kind === 'detection');
    const text = JSON.stringify([packageVersion(), FORM, detections.map((analysis) => identityOf(catalogue, analysis))]);
    const questions = createHash('sha256').update(text).digest('hex').slice(0, 16);
    this.path = cache === undefined ? undefined : join(cache, 'explore', `${logs}-${questions}.findings.json`);
  }

  async get(): Promise<FoundBefore | undefined> {
    if (this.path === undefined) return undefined;
    try {
      return JSON.parse(await fs.readFile(this.path, 'utf8')) as FoundBefore;
    } catch {
      return undefined;
    }
  }

  async put(found: FoundBefore): Promise<void> {
    if (this.path === undefined) return;
    await writeWhole(this.path, JSON.stringify(found));
  }
}
