import { renderToString } from 'preact-render-to-string';
import { humanBytes, humanCount, humanNumber, humanValue } from '../lib/analysis/human';
import { type PanelId, type PanelRow, PANELS } from '../lib/explore/panels';
import { notJudgedLines } from '../lib/finding/not-judged';
import type { ReportModel, ToldFinding } from '../lib/report/model';
import { nothingFound, sentencesOf, totalsOf, utc } from '../lib/report/sentences';
import { labelIn } from '../lib/report/names';
import style from './app.css';
import own from './report.css';
import { Bars } from './charts/bars';
import { Baseline } from './charts/baseline';
import { Flow } from './charts/flow';
import { interval, percent } from './charts/format';
import { Groups } from './charts/groups';
import { Heatmap } from './charts/heatmap';
import { Histogram } from './charts/histogram';
import { Timeline, timeScale } from './charts/timeline';

const WIDTH = 1096;
const WIDE = 700;
const NARROW = 330;
const NONE: ReadonlySet<never> = new Set();

/** One file: markup, style and charts, no script and nothing from elsewhere. */
export function reportHtml(model: ReportModel): string {
  const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
  return `<!doctype html>\n${renderToString(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={policy} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="generator" content={`flow-log-analytics ${model.provenance.version}`} />
        <title>{humanValue(model.title, undefined)}</title>
        <style dangerouslySetInnerHTML={{ __html: style + own }} />
      </head>
      <body>
        <Report model={model} />
      </body>
    </html>,
  )}\n`;
}

function Report({ model }: { readonly model: ReportModel }) {
  const { panels, rejected } = model;
  const rows = (id: PanelId): readonly PanelRow[] => panels[id] ?? [];
  const named = (value: string) => String(labelIn(model, value));
  const list = (id: Exclude<PanelId, 'summary' | 'timeline' | 'pairs' | 'groups'>) =>
    rows(id).length > 0 && (
      <Section title={PANELS[id].title} meaning={PANELS[id].meaning} span={4}>
        <Bars id={id} rows={rows(id)} measure="records" compare={false} selected={NONE} named={named} />
      </Section>
    );
  const refused = (id: 'srcaddr' | 'dstaddr' | 'dstport', title: string) =>
    (rejected[id] ?? []).length > 0 && (
      <Section title={title} span={4}>
        <Bars id={id} rows={rejected[id] ?? []} measure="records" compare={false} selected={NONE} named={named} />
      </Section>
    );
  return (
    <main class="report">
      <header class="report-head">
        <h1>{humanValue(model.title, undefined)}</h1>
        <p class="meaning">{interval(model.window.from, model.window.to)}</p>
      </header>
      <div class="grid">
        <section class="card span-12 sentences" aria-label="Summary">
          {sentencesOf(model).map((sentence) => (
            <p key={sentence}>{humanValue(sentence, undefined)}</p>
          ))}
        </section>
        <Tiles model={model} />
        {rows('timeline').length > 0 && (
          <Section
            title={PANELS.timeline.title}
            meaning="Records by start time; the line below is the share of rejected records."
            span={12}
          >
            <div class="timeline">
              <Timeline rows={rows('timeline')} domain={model.domain} measure="records" width={WIDTH} compare={false} />
              <Marks model={model} />
            </div>
          </Section>
        )}
        <Findings model={model} />
        {list('srcaddr')}
        {list('dstaddr')}
        {list('dstport')}
        {refused('srcaddr', 'Most rejected sources')}
        {refused('dstaddr', 'Destinations of rejected traffic')}
        {refused('dstport', 'Ports of rejected traffic')}
        {rows('pairs').length > 0 && (
          <Section title={PANELS.pairs.title} meaning={PANELS.pairs.meaning} span={8}>
            <Flow rows={rows('pairs')} measure="records" width={WIDE} />
          </Section>
        )}
        {rows('groups').length > 0 && (
          <Section title={PANELS.groups.title} meaning="Traffic between kinds of networks." span={4}>
            <Groups rows={rows('groups')} measure="records" />
          </Section>
        )}
        {rows('weekday_hour').length > 0 && (
          <Section title={PANELS.weekday_hour.title} meaning={PANELS.weekday_hour.meaning} span={4}>
            <Heatmap rows={rows('weekday_hour')} measure="records" width={NARROW} selected={NONE} />
          </Section>
        )}
        {(['bytes_size', 'packets_size'] as const).map(
          (id) =>
            rows(id).length > 0 && (
              <Section key={id} title={PANELS[id].title} meaning={PANELS[id].meaning} span={4}>
                <Histogram id={id} rows={rows(id)} measure="records" width={NARROW} selected={NONE} />
              </Section>
            ),
        )}
        {list('protocol')}
        {list('interface_id')}
        {list('subnet_id')}
        {list('instance_id')}
        {list('vpc_id')}
        {list('flow_direction')}
        {list('traffic_path')}
        {list('log_status')}
        <Made model={model} />
      </div>
    </main>
  );
}

function Section({
  title,
  meaning,
  span,
  children,
}: {
  readonly title: string;
  readonly meaning?: string;
  readonly span: number;
  readonly children: preact.ComponentChildren;
}) {
  return (
    <section class={`card span-${span}`}>
      <header class="card-head">
        <div>
          <h2>{title}</h2>
          {meaning !== undefined && <p class="meaning">{meaning}</p>}
        </div>
      </header>
      {children}
    </section>
  );
}

function Tiles({ model }: { readonly model: ReportModel }) {
  const totals = totalsOf(model);
  const tiles = [
    { name: 'records', value: humanNumber(totals.records), about: 'flow-log records' },
    {
      name: 'rejected',
      value: percent(totals.rejected, totals.accepted + totals.rejected),
      about: `${humanCount(totals.rejected, 'record')} rejected`,
    },
    { name: 'bytes', value: humanBytes(totals.bytes), about: 'transferred by these flows' },
    { name: 'findings', value: humanNumber(model.found), about: model.found === 1 ? 'finding' : 'findings' },
  ];
  return (
    <section class="tiles span-12" aria-label="Totals">
      {tiles.map(({ name, value, about }) => (
        <div key={name} class={`tile tile-${name}`}>
          <b>{value}</b>
          <span>{about}</span>
        </div>
      ))}
    </section>
  );
}

function Marks({ model }: { readonly model: ReportModel }) {
  const x = timeScale(model.domain, WIDTH);
  if (model.findings.length === 0) return null;
  return (
    <svg class="chart" width={WIDTH} height={18} viewBox={`0 0 ${WIDTH} 18`} role="img" aria-label="Times of the findings">
      <text class="axis" x={46} y={12} text-anchor="end">
        findings
      </text>
      {model.findings.map(({ finding }) => {
        const left = x(new Date(finding.time));
        return (
          <rect
            key={finding.id}
            class={`mark-${finding.severity}`}
            x={left}
            y={3}
            width={Math.max(6, x(new Date(finding.until)) - left)}
            height={11}
            rx={3}
          >
            <title>{`${humanValue(finding.title, undefined)}\n${finding.time}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}

function Findings({ model }: { readonly model: ReportModel }) {
  if (model.found === 0 && model.notes.length + model.notJudged.length === 0) return null;
  return (
    <Section
      title="Findings"
      meaning={
        model.found === 0
          ? nothingFound(model.notJudged)
          : model.found > model.findings.length
            ? `The ${model.findings.length} most severe of ${humanNumber(model.found)}.`
            : 'Most severe first.'
      }
      span={12}
    >
      {model.findings.map((told) => (
        <Told key={told.finding.id} told={told} model={model} />
      ))}
      {[...notJudgedLines(model.notJudged), ...model.notes].map((text) => (
        <p key={text} class="meaning">
          {humanValue(text, undefined)}
        </p>
      ))}
    </Section>
  );
}

function Told({
  told: { finding, detection, columns, measure, summary, runbook, series },
  model,
}: {
  readonly told: ToldFinding;
  readonly model: ReportModel;
}) {
  const unit = (name: string) => columns.find((column) => column.name === name)?.unit;
  const points = series.map((row) => ({ time: Date.parse(String(row['time'])) / 1000, value: Number(row['value']) }));
  return (
    <article class="told">
      <h3>
        <span class={`severity ${finding.severity}`}>{finding.severity}</span> {humanValue(finding.title, undefined)}
      </h3>
      <p class="meaning">
        {detection} · {interval(Date.parse(finding.time) / 1000, Date.parse(finding.until) / 1000)}
        {finding.occurrences > 1 && ` · seen in ${finding.occurrences} intervals`} · <code>{humanValue(finding.key, undefined)}</code>
      </p>
      <div class="finding-body">
        <dl class="facts">
          {columns
            .filter(({ name }) => finding.evidence[name] !== undefined && name !== 'time')
            .map(({ name, type }) => (
              <div key={name}>
                <dt>{name.replaceAll('_', ' ')}</dt>
                <dd>
                  {humanValue(
                    type === 'address' ? labelIn(model, finding.evidence[name] ?? null) : (finding.evidence[name] ?? null),
                    unit(name),
                  )}
                </dd>
              </div>
            ))}
        </dl>
        <div>
          {points.length > 0 && (
            <Baseline
              series={points}
              step={(Date.parse(finding.until) - Date.parse(finding.lastTime)) / 1000}
              found={{ from: Date.parse(finding.time) / 1000, to: Date.parse(finding.until) / 1000 }}
              unit={unit(measure ?? '')}
              width={WIDE}
            />
          )}
          <p>{summary}</p>
          {runbook !== undefined && (
            <p>
              <b>What to do:</b> {runbook}
            </p>
          )}
        </div>
      </div>
    </article>
  );
}

const MOST_FILES = 200;

function Made({ model: { names, provenance, quality, window } }: { readonly model: ReportModel }) {
  const { inputs } = provenance;
  const facts: [string, string][] = [
    ['program', `flow-log-analytics ${provenance.version}`],
    ['made', provenance.made],
    ['time range', `${utc(window.from)} to ${utc(window.to)}, end excluded`],
    ['read', provenance.sources.map((source) => humanValue(source, undefined)).join(', ')],
    ...(provenance.command === undefined ? [] : [['command', humanValue(provenance.command, undefined)] as [string, string]]),
    ...(quality === undefined
      ? []
      : [
          ['lines rejected', `${humanNumber(quality.rejectedLines)} of ${humanNumber(quality.lines)}`] as [string, string],
          ['invalid values', humanNumber(quality.badValues)] as [string, string],
          ...(quality.timeless > 0 ? [['left out', `${humanCount(quality.timeless, 'record')} without a start`] as [string, string]] : []),
          ['files', `${humanNumber(quality.files)}${quality.skippedFiles > 0 ? `, ${humanNumber(quality.skippedFiles)} skipped` : ''}`] as [
            string,
            string,
          ],
        ]),
    ...(inputs === undefined
      ? []
      : [['inputs', `${humanCount(inputs.count, 'file')}, ${humanBytes(inputs.bytes)}, SHA-256 ${inputs.sha256}`] as [string, string]]),
  ];
  return (
    <Section title="Data quality and provenance" span={12}>
      <dl class="facts made">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {names?.attribution !== undefined && (
        <p class="meaning">
          {names.attribution}. <a href="https://db-ip.com">IP Geolocation by DB-IP</a>
        </p>
      )}
      {inputs !== undefined && (
        <details>
          <summary>
            SHA-256 of{' '}
            {inputs.count > MOST_FILES
              ? `the first ${MOST_FILES} of ${humanNumber(inputs.count)} files; the hash above is over all of them`
              : 'each file'}
          </summary>
          <pre>{inputs.files.slice(0, MOST_FILES).map(({ path, sha256 }) => `${sha256}  ${humanValue(path, undefined)}\n`)}</pre>
        </details>
      )}
    </Section>
  );
}
