/** What the server's calls answer; made in lib/explore/api.ts. */
import type { Row } from '../lib/analysis/columns';
import type { Column, ParameterDefinition } from '../lib/analysis/schema';
import type { DimensionId } from '../lib/explore/dimensions';
import type { PanelId, PanelRow } from '../lib/explore/panels';
import type { Domain } from '../lib/explore/steps';
import type { Finding } from '../lib/finding/finding';
import type { NotJudged } from '../lib/finding/not-judged';

export interface About {
  readonly version: string;
  readonly sources: readonly string[];
  readonly range: { readonly from: number; readonly to: number };
  readonly records: number;
  readonly dimensions: readonly DimensionId[];
  readonly panels: readonly PanelId[];
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly totals: {
    readonly files: number;
    readonly lines: number;
    readonly records: number;
    readonly rejectedLines: number;
    readonly badValues: number;
  };
  readonly samples: readonly { readonly file: string; readonly line: number; readonly reason: string; readonly text: string }[];
  readonly skippedFiles: readonly { readonly path: string; readonly why: string }[];
  readonly emptyFiles: number;
  readonly start: string;
}

export type PanelRows = Partial<Record<PanelId, readonly PanelRow[]>>;

export interface Answers {
  readonly domain: Domain;
  readonly panels: PanelRows;
}

/** A finding and the state in which it can be seen. */
export type ToldFinding = Finding & { readonly state: string };

export interface Findings {
  readonly status: 'running' | 'done' | 'failed';
  readonly findings: readonly ToldFinding[];
  readonly notJudged: readonly NotJudged[];
  readonly error?: string;
}

export interface FindingDetail extends ToldFinding {
  readonly series: readonly Row[];
  readonly columns: readonly Column[];
  readonly summary: string;
  readonly falsePositives?: string;
  readonly runbook?: string;
  readonly analysis: { readonly title: string; readonly measure: string | null };
  readonly texts: Texts;
}

export interface Question {
  readonly id: string;
  readonly title: string;
  readonly group: string;
  readonly kind: 'report' | 'detection';
  readonly summary: string;
  readonly parameters: Readonly<Record<string, ParameterDefinition>>;
  readonly chart: {
    readonly type: 'bar' | 'line' | 'heatmap' | 'table' | 'number';
    readonly x?: string;
    readonly y?: string;
    readonly series?: string;
  };
  readonly columns: readonly Column[];
  readonly open: readonly string[];
  readonly missing: readonly string[];
}

export interface Texts {
  readonly sql: string;
  readonly athena: string;
  readonly command: string;
}

export interface Answer {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
  /** Rows in all, of which {@link rows} are the first. */
  readonly total: number;
  readonly texts: Texts;
}
