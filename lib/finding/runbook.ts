import type { Analysis } from '../analysis/catalogue';
import { ALARMS, type AlarmDefinition } from './alarms';
import { OUTPUTS } from './names';

/** Markdown of docs/runbook.md: a heading for every alarm and every detection, made from their definitions. */

const INTRO = `# Runbook

Generated from \`lib/finding/alarms.ts\` and \`queries/\` by \`npm run docs\`; do not edit. Every message links to its heading here.

Capital words stand for what the message says: STACK, FROM and TO, KEY, ENI (interface), SUBNET, SOURCE, DESTINATION, ADDRESS, OWN (an address of
yours), LISTED (one of a list), HOUR (YYYY/MM/DD/HH, UTC), DETECTION. Names such as ${OUTPUTS.runLog} are outputs of the stack:

\`\`\`sh
aws cloudformation describe-stacks --stack-name STACK --query "Stacks[0].Outputs[].[OutputKey,OutputValue]" --output table
\`\`\`

Every command of \`flowlogs\` also reads files: leave \`--engine athena --stack STACK\` out and name them.

## How to silence honestly

- **One thing, for a time, with a reason**: a suppression (\`watch.suppressions\`, [example](../examples/parts/suppressions.yaml)). It ends by itself, is
  counted, and shows on the dashboard.
- **A part of the network that is different**: a profile (\`profiles\`) with its role or its own parameters.
- **A threshold that does not fit**: \`watch.schedules.DETECTION.parameters\`, or \`watch.alarms.ALARM\`.
- **A detection that nobody needs**: \`watch.exclude\`; an alarm: \`watch.alarms.ALARM: false\`. Both are in the configuration, for all to see.
- Not: a mail filter, an unconfirmed subscription, an alarm switched off in the console. The next deployment does not know of them.`;

const steps = (checks: readonly string[]) => checks.map((check, i) => `${i + 1}. ${check.trim()}`).join('\n');

const alarmSection = (name: string, { title, meaning, checks, tune }: AlarmDefinition) =>
  [
    `### ${name}`,
    `**${title}.** ${meaning}`,
    `**Check.**\n\n${steps(checks)}`,
    `**Tune.** ${tune}`,
    `**Silence.** \`watch.alarms.${name}: false\`, which the next reader of the configuration sees.`,
  ].join('\n\n');

const detectionSection = (analysis: Analysis) =>
  [
    `### ${analysis.id}`,
    `**${analysis.title}** (severity ${analysis.severity ?? 'info'}${analysis.tags.length === 0 ? '' : `, ATT&CK ${analysis.tags.join(', ')}`}). ${analysis.summary.trim()}`,
    `**What to do.** ${analysis.runbook?.trim() ?? ''}`,
    `**Check.**\n\n${steps(analysis.checks ?? [])}`,
    `**Harmless when.** ${analysis.falsePositives?.trim() ?? ''}`,
    `**Tune.** ${analysis.howTo?.trim() ?? ''} Parameters of \`watch.schedules.${analysis.id}.parameters\`: ${Object.keys(
      analysis.parameters,
    )
      .map((name) => `\`${name}\``)
      .join(', ')} ([defaults and bounds](analyses.md#${analysis.id})).`,
    `**Silence.** A suppression by \`key: ${analysis.id}/…\`, address, port or interface, with its end and its reason.`,
  ].join('\n\n');

export const runbookMarkdown = (detections: readonly Analysis[]): string =>
  `${[
    INTRO,
    '## Alarms',
    ...Object.entries(ALARMS).map(([name, alarm]) => alarmSection(name, alarm)),
    '## Detections',
    ...detections.map(detectionSection),
  ].join('\n\n')}\n`;
