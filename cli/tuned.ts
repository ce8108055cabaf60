import { createColors } from 'picocolors';
import type { Row } from '../lib/analysis/columns';
import { humanCount, humanNumber, humanValue } from '../lib/analysis/human';
import { isoTime } from '../lib/analysis/render';
import { SEVERITIES } from '../lib/analysis/severity';
import { type BySeverity, exceeds, type Goal } from '../lib/finding/tuning';
import type { ProposedThresholds, Tuned } from '../lib/tune';
import { table } from './table';
import { wrapped } from './wrap';

export interface TunedOptions {
  readonly width: number | undefined;
  readonly colour: boolean;
  /** Keys shown of one detection. */
  readonly limit?: number | undefined;
  /** A time as it is shown. */
  readonly shown: (time: string) => string;
}

const WEEK_DAYS = 7;
const KEYS_SHOWN = 5;

const WORST_FIRST = [...SEVERITIES].reverse();
const plain = (text: string) => humanValue(text, undefined);
const rate = (perWeek: number) => humanNumber(Math.round(perWeek * 10) / 10);
const severities = (counts: BySeverity) =>
  WORST_FIRST.filter((severity) => counts[severity] > 0)
    .map((severity) => `${counts[severity]} ${severity}`)
    .join(', ') || 'none';

const COLUMNS = [
  { name: 'detection', numeric: false, whole: true },
  ...['findings', 'messages', 'incidents', 'per_week', ...WORST_FIRST, 'alone'].map((name) => ({ name, numeric: true })),
];

/** What `--suppressions` and a stack take. */
export async function suppressionsYaml({ suppressions }: Tuned): Promise<string> {
  const { stringify } = await import('yaml');
  const head = '# Proposed by flowlogs tune: look at each, say until when and why, and delete the others.\n';
  if (suppressions.length === 0) return `${head}[]\n`;
  const entries = suppressions.map(({ suppression }) =>
    Object.fromEntries(Object.entries(suppression).map(([name, value]) => [name, typeof value === 'string' ? plain(value) : value])),
  );
  return `${head}${stringify(entries, { defaultStringType: 'QUOTE_SINGLE', defaultKeyType: 'PLAIN', lineWidth: 0 })}`;
}

const valuesOf = ({ values }: ProposedThresholds) => Object.entries(values).filter(([, { from, to }]) => from !== to);

/** What a stack takes below `watch`. */
async function schedulesYaml(thresholds: readonly ProposedThresholds[]): Promise<string> {
  const { stringify } = await import('yaml');
  const schedules = Object.fromEntries(
    thresholds.map((one) => [one.detection, { parameters: Object.fromEntries(valuesOf(one).map(([name, { to }]) => [name, to])) }]),
  );
  return stringify({ watch: { schedules } });
}

function thresholdText(one: ProposedThresholds, goal: Goal): string {
  const values = valuesOf(one).map(([name, { from, to }]) => `${name} ${humanNumber(from)} -> ${humanNumber(to)}`);
  const hidden = one.worst === undefined ? '' : `, the worst: ${plain(one.worst)}`;
  const still = exceeds(one.perWeek.after, goal) ? ' (above the target: raise further only by hand)' : '';
  return `- ${one.detection}: ${values.join(', ')}. ${rate(one.perWeek.after)} instead of ${rate(one.perWeek.before)} a week${still}. Findings hidden here: ${severities(one.hides)}${hidden}. Whatever stays below these values is hidden from then on.`;
}

/** What `flowlogs tune` prints. */
export async function tunedText(tuned: Tuned, { width, colour, shown, limit = KEYS_SHOWN }: TunedOptions): Promise<string> {
  const { told, goal, window, perWeek, suppressions, thresholds } = tuned;
  const pc = createColors(colour);
  const paragraph = (text: string, indent = '') => wrapped(text, width, indent);
  const loud = told.filter(({ findings }) => findings > 0);
  const silent = told.filter(({ findings }) => findings === 0).map(({ detection }) => detection);
  const noisy = loud.filter((one) => exceeds(one.perWeek, goal));
  const days = goal.weeks * WEEK_DAYS;
  const parts = [
    paragraph(
      `${days.toFixed(1)} days, ${shown(isoTime(window.from))} to ${shown(isoTime(window.to))}: ${rate(perWeek.now)} incidents a week of ${goal.minSeverity} and above.` +
        (Math.round(days) < WEEK_DAYS
          ? ' That is less than a week: the weekly numbers are extrapolated, and baselines were still warming up.'
          : ''),
    ),
  ];
  if (loud.length > 0) {
    const rows = loud.map((one): Row => ({
      ...one.bySeverity,
      detection: one.detection,
      findings: one.findings,
      messages: one.notifications,
      incidents: one.incidents,
      per_week: Number(one.perWeek.toFixed(1)),
      alone: one.alone,
    }));
    parts.push(
      `${table(COLUMNS, rows, { width, colour })}\n${paragraph('messages: notifications of new and of worse findings. Severities are those of the incidents. alone: incidents that no other detection reports.')}`,
    );
  }
  if (silent.length > 0) parts.push(paragraph(`Silent: ${silent.join(', ')}.`, '  '));
  for (const { detection, keys, perWeek: own } of noisy)
    parts.push(
      [
        pc.bold(`${detection}: ${rate(own)} a week, ${humanCount(keys.length, 'key')}`),
        ...keys
          .slice(0, limit)
          .flatMap((one) => [
            `  ${one.findings} × ${plain(one.key)}`,
            `      ${paragraph(`${one.severity}: ${plain(one.title)}`, '      ')}`,
          ]),
        ...(keys.length > limit ? [`  … and ${humanCount(keys.length - limit, 'more key')}`] : []),
      ].join('\n'),
    );
  if (noisy.length === 0) parts.push(paragraph(`No detection sends more than ${goal.perWeek} messages a week: no proposals.`));
  if (suppressions.length > 0)
    parts.push(
      [
        pc.bold('Proposed suppressions'),
        paragraph(
          `With all of them: ${rate(perWeek.withSuppressions)} a week instead of ${rate(perWeek.now)}. Each also hides what these actors really do; look first. \`-f suppressions\` prints this alone.`,
        ),
        ...suppressions.map(({ suppression: { detection, key, address, interface: eni }, silences }) =>
          paragraph(`- ${detection ?? ''} ${plain(key ?? address ?? eni ?? '')}: ${severities(silences)}`, '  '),
        ),
        '',
        (await suppressionsYaml(tuned)).trimEnd(),
      ].join('\n'),
    );
  if (thresholds.length > 0)
    parts.push(
      [
        pc.bold('Proposed thresholds, replayed'),
        paragraph(`With all of them: ${rate(perWeek.withThresholds)} a week instead of ${rate(perWeek.now)}.`),
        ...thresholds.map((one) => paragraph(thresholdText(one, goal), '  ')),
        '',
        '# In the configuration of the stack; for a command here: --only DETECTION --param NAME=VALUE',
        (await schedulesYaml(thresholds)).trimEnd(),
      ].join('\n'),
    );
  const left = noisy.filter(
    ({ detection }) =>
      !thresholds.some((one) => one.detection === detection) &&
      !suppressions.some(({ suppression }) => suppression.detection === detection),
  );
  if (left.length > 0)
    parts.push(
      paragraph(
        `Nothing to propose for ${left.map(({ detection }) => detection).join(', ')}: nothing recurs, and no threshold makes it quieter. A profile or a scope may fit (docs/watch.md).`,
        '  ',
      ),
    );
  return `${parts.join('\n\n')}\n`;
}

/** The same for programs. */
export const tunedJson = ({ window, goal, told, notJudged, perWeek, suppressions, thresholds, findings }: Tuned): object => ({
  from: isoTime(window.from),
  to: isoTime(window.to),
  days: goal.weeks * WEEK_DAYS,
  goal: { perWeek: goal.perWeek, minSeverity: goal.minSeverity },
  findings: findings.length,
  perWeek,
  detections: told,
  suppressions,
  thresholds,
  notJudged,
});
