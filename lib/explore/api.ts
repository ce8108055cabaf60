/** The calls of the page. All query text is built here, from a validated state: the page sends none. */
import * as z from 'zod';
import type { Analysis, Catalogue } from '../analysis/catalogue';
import type { ParameterValue } from '../analysis/literal';
import { missingFields, openParameters, tableOf } from '../analysis/requirements';
import { isoTime, renderSql } from '../analysis/render';
import { oneMore, ROW_LIMIT, type RowLimit } from '../analysis/row-limit';
import { explainIssues } from '../analysis/schema';
import { type Scope, scopeArguments } from '../analysis/scope';
import { seriesOf } from '../engine/evidence';
import type { Finding } from '../finding/finding';
import { PARTITIONS } from '../flow-log/layout';
import { RECORDS_TABLE } from '../flow-log/tables';
import { packageVersion } from '../package-root';
import { Pool } from '../source/pool';
import type { Records } from '../source/records';
import type { Active } from './cube';
import type { DimensionId } from './dimensions';
import { panelWindow, windowOf } from './explorer';
import type { FindingsFeed } from './feed';
import { stateOfFinding } from './finding-state';
import type { Open } from './open';
import { isPanel, type PanelId, PANELS } from './panels';
import { panelSql, type PortableContext, recordsSql } from './portable';
import { RequestError } from './request-error';
import { type Api, Download } from './server';
import { decodeState, encodeState, type ExploreState } from './state';

export interface ApiOptions {
  readonly open: Open;
  readonly records: Records;
  readonly catalogue: Catalogue;
  readonly findings: FindingsFeed;
  /** Sources as the user named them. */
  readonly sources: readonly string[];
  /** Command line for the same sources; `args` come before the sources. */
  readonly command: (args: readonly string[]) => string;
  /** What the page shows first, as its query part. */
  readonly start: string;
}

const MOST_PAGE = 500;
const MOST_ROWS = 1000;
const MOST_EXPORTED = 1_000_000;
const ACTIVE = ['time', 'bytes_size', 'packets_size', 'weekday_hour'] as const satisfies readonly Active[];

const state = z.string().max(16_384);
const panel = z.string().refine(isPanel, 'no such panel') as z.ZodType<PanelId>;
const active = z.enum(ACTIVE);
const sort = z.strictObject({ column: z.string().max(128), descending: z.boolean() });
const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const key = z.string().max(1024);

const SCHEMAS = {
  about: z.strictObject({}),
  panels: z.strictObject({ state, panels: z.array(panel).max(40), active: active.optional() }),
  warm: z.strictObject({ state, active }),
  records: z.strictObject({ state, sort: sort.optional(), offset: z.int().min(0).max(10_000_000), limit: z.int().min(1).max(MOST_PAGE) }),
  count: z.strictObject({ state }),
  export: z.strictObject({ state, sort: sort.optional() }),
  findings: z.strictObject({}),
  finding: z.strictObject({ id: key }),
  analyses: z.strictObject({}),
  analysis: z.strictObject({ state, id: key, parameters }),
  texts: z.strictObject({ state, panel: z.union([panel, z.literal('records')]) }),
} as const;

type Bodies = { [Name in keyof typeof SCHEMAS]: z.output<(typeof SCHEMAS)[Name]> };

function checked<Name extends keyof Bodies>(name: Name, body: unknown): Bodies[Name] {
  const parsed = SCHEMAS[name].safeParse(body);
  if (!parsed.success) throw new RequestError(400, `${name}: ${explainIssues(parsed.error, body).join('; ')}`);
  return parsed.data as Bodies[Name];
}

/** The parts of a selection that questions of the catalogue can be narrowed by. */
function scopeOf({ filters }: ExploreState, all: Scope = {}): Scope {
  const list = (id: DimensionId) => (filters[id]?.exclude === false ? filters[id].values.map(String) : undefined);
  const [vpc, subnet, eni] = [list('vpc_id'), list('subnet_id'), list('interface_id')];
  return {
    ...all,
    ...(vpc === undefined ? {} : { vpc }),
    ...(subnet === undefined ? {} : { subnet }),
    ...(eni === undefined ? {} : { eni }),
  };
}

const windowArgs = ({ from, to }: { from: number; to: number }) => ['--from', isoTime(from), '--to', isoTime(to)];

export function explorerApi(options: ApiOptions): Api {
  const { open, records, catalogue, findings } = options;
  const { prepared, explorer, engine, context } = open;
  const athena: PortableContext = { ...context, text: undefined, table: RECORDS_TABLE, partitions: [PARTITIONS.hour] };
  const own: PortableContext = { ...context, text: undefined };
  const recordsText = (one: ExploreState, sorted: z.output<typeof sort> | undefined) => {
    if (sorted !== undefined && !context.columns.has(sorted.column))
      throw new RequestError(400, `sort: no column ${JSON.stringify(sorted.column)}; expected one of ${[...context.columns].join(', ')}`);
    return recordsSql(one, windowOf(one, prepared.range), context, sorted);
  };
  // One at a time: a page that reads slowly must not keep all connections from the others.
  const exporting = new Pool(['turn']);
  const columnsOf = (analysis: Analysis) => records.tables.get(tableOf(analysis)) ?? [];

  const calls: { [Name in keyof Bodies]: (body: Bodies[Name], signal: AbortSignal) => Promise<unknown> } = {
    about: () =>
      Promise.resolve({
        version: packageVersion(),
        sources: options.sources,
        range: prepared.range,
        records: prepared.records,
        dimensions: [...prepared.dimensions],
        panels: prepared.panels.map(({ id }) => id),
        columns: records.columns,
        totals: records.totals,
        samples: records.samples.slice(0, 20),
        skippedFiles: records.skippedFiles.slice(0, 20),
        emptyFiles: records.emptyFiles.length,
        start: options.start,
      }),
    panels: async ({ state: text, panels, active: brushed }, signal) => {
      const one = decodeState(text);
      const offered = panels.filter((id) => prepared.panels.some((there) => there.id === id));
      const rows = await Promise.all(offered.map((id) => explorer.panel(PANELS[id], one, { active: brushed, signal })));
      return { domain: explorer.domain(one), panels: Object.fromEntries(offered.map((id, i) => [id, rows[i] ?? []])) };
    },
    warm: async ({ state: text, active: brushed }, signal) => {
      await explorer.warm(decodeState(text), brushed, signal);
      return {};
    },
    records: async ({ state: text, sort: sorted, offset, limit }, signal) => {
      const { rows } = await engine.run(`${recordsText(decodeState(text), sorted)}\nLIMIT ${limit} OFFSET ${offset}`, { signal });
      return { rows: rows.map((row) => records.columns.map(({ name }) => row[name] ?? null)) };
    },
    count: async ({ state: text }, signal) => {
      const one = decodeState(text);
      const query = recordsSql(one, windowOf(one, prepared.range), context).replace(/\nORDER BY .*$/, '');
      const { rows } = await engine.run(`SELECT count(*) AS n FROM (${query.replace(/^SELECT .*\n/, 'SELECT 1\n')})`, { signal });
      return { count: Number(rows[0]?.['n'] ?? 0) };
    },
    export: async ({ state: text, sort: sorted }, signal) => {
      const { csvLines } = await import('../analysis/csv.js');
      const names = records.columns.map(({ name }) => name);
      await exporting.hold(signal);
      const { chunks } = await engine.stream(`${recordsText(decodeState(text), sorted)}\nLIMIT ${MOST_EXPORTED}`, { signal });
      return new Download(
        'text/csv; charset=utf-8',
        (async function* () {
          yield csvLines([names], { safe: true });
          for await (const chunk of chunks)
            yield csvLines(
              chunk.map((row) => names.map((name) => row[name] ?? null)),
              { safe: true },
            );
        })(),
      );
    },
    findings: () => {
      const { findings: found, ...rest } = findings();
      return Promise.resolve({ ...rest, findings: found.map(told) });
    },
    finding: async ({ id }, signal) => {
      const finding = findings().findings.find((one) => one.id === id);
      if (finding === undefined) throw new RequestError(404, `no finding ${JSON.stringify(id)} in these logs`);
      const analysis = catalogue.get(finding.detection);
      const { summary, falsePositives, runbook, columns } = analysis;
      return {
        ...told(finding),
        series: await seriesOf(finding.key, analysis, { engine, catalogue, window: prepared.range, scope: context.scope, signal }),
        columns,
        summary,
        falsePositives,
        runbook,
        analysis: { title: analysis.title, measure: analysis.finding?.measure ?? null },
        texts: {
          sql: renderSql(catalogue, analysis, { window: prepared.range, scope: context.scope }),
          athena: renderSql(catalogue, analysis, { window: prepared.range, scope: context.scope, partitions: athena.partitions }),
          command: options.command(['explain', finding.key, ...scopeArguments(context.scope ?? {})]),
        },
      };
    },
    analyses: () =>
      Promise.resolve(
        catalogue.all().map((analysis) => ({
          id: analysis.id,
          title: analysis.title,
          group: analysis.group,
          kind: analysis.kind,
          summary: analysis.summary,
          parameters: analysis.parameters,
          chart: analysis.chart,
          columns: analysis.columns,
          open: openParameters(analysis),
          missing: missingFields(analysis, {}, columnsOf(analysis)),
        })),
      ),
    analysis: async ({ state: text, id, parameters: given }, signal) => {
      const one = decodeState(text);
      const analysis = catalogue.get(id);
      const window = windowOf(one, prepared.range);
      const scope = scopeOf(one, context.scope);
      const missing = missingFields(analysis, scope, columnsOf(analysis));
      if (missing.length > 0) throw new RequestError(400, `${id} needs ${missing.join(', ')}, which these logs lack`);
      const values = given as Record<string, ParameterValue>;
      const forRows = (some: RowLimit) => renderSql(catalogue, analysis, { window, parameters: values, scope, rows: some });
      const sql = renderSql(catalogue, analysis, { window, parameters: values, scope });
      const most = Math.min(Number(values[ROW_LIMIT] ?? analysis.parameters[ROW_LIMIT]?.default ?? MOST_ROWS), MOST_ROWS);
      const { columns, rows, truncated } = await engine.run(forRows(oneMore(most)), { columns: analysis.columns, maxRows: most, signal });
      return {
        columns,
        rows: rows.map((row) => columns.map(({ name }) => row[name] ?? null)),
        total: truncated ? await engine.count(forRows('all'), signal) : rows.length,
        texts: {
          sql,
          athena: renderSql(catalogue, analysis, { window, parameters: values, scope, partitions: athena.partitions }),
          command: options.command([
            'query',
            id,
            ...Object.entries(values).flatMap(([name, value]) => ['--param', `${name}=${String(value)}`]),
            ...windowArgs(window),
            ...scopeArguments(scope),
          ]),
        },
      };
    },
    texts: ({ state: text, panel: id }) => {
      const one = decodeState(text);
      const window = panelWindow(id, one, prepared.range);
      const textIn = (where: PortableContext) =>
        id === 'records'
          ? // The command limits what it prints, and says so.
            `${recordsSql(one, window, where)}${where === athena ? `\nLIMIT ${MOST_ROWS}` : ''}`
          : panelSql(PANELS[id], one, window, explorer.domain(one), where);
      const sql = textIn(own);
      return Promise.resolve({ sql, athena: textIn(athena), command: options.command(['sql', sql]) });
    },
  };

  function told(finding: Finding) {
    return {
      ...finding,
      state: encodeState(stateOfFinding(finding, catalogue.get(finding.detection), prepared.range, prepared.dimensions)),
    };
  }

  return Object.fromEntries(
    Object.entries(calls).map(([name, call]) => [
      name,
      (body: unknown, signal: AbortSignal) =>
        (call as (body: unknown, signal: AbortSignal) => Promise<unknown>)(checked(name as keyof Bodies, body), signal),
    ]),
  );
}
