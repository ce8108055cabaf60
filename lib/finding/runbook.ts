import type { Analysis } from '../analysis/catalogue';
import { ALARMS, type AlarmDefinition } from './alarms';
import { OUTPUTS } from './names';

/** Markdown of docs/runbook.md: a heading for every alarm and every detection, generated from their definitions. */

const INTRO = `# Runbook

Generated from \`lib/finding/alarms.ts\` and \`queries/\` by \`npm run docs\`; do not edit. Every message links to its heading here.

Words in capitals are placeholders for values in the message: STACK, FROM and TO, KEY, ENI (interface), SUBNET, SOURCE, DESTINATION, ADDRESS, OWN (one of your addresses), LISTED (one of a list), HOUR (YYYY/MM/DD/HH, UTC), DETECTION. Names such as ${OUTPUTS.runLog} are outputs of the stack:

\`\`\`sh
aws cloudformation describe-stacks --stack-name STACK --query "Stacks[0].Outputs[].[OutputKey,OutputValue]" --output table
\`\`\`

Every \`flowlogs\` command also reads files: replace \`--engine athena --stack STACK\` with their paths.

## How to silence a finding or alarm

- **One known cause, until a date, for a reason**: a suppression (\`watch.suppressions\`, [example](../examples/parts/suppressions.yaml)). It expires, is counted, and appears on the dashboard.
- **A different part of the network**: a profile (\`profiles\`) with its role or its own parameters.
- **A threshold that does not fit**: \`watch.schedules.DETECTION.parameters\`, or \`watch.alarms.ALARM\`.
- **A detection that you do not need**: \`watch.exclude\`; an alarm: \`watch.alarms.ALARM: false\`. Both are visible in the configuration.
- Do not use a mail filter, an unconfirmed subscription, or an alarm disabled in the console: the configuration does not show them.`;

const steps = (checks: readonly string[]) => checks.map((check, i) => `${i + 1}. ${check.trim()}`).join('\n');

const alarmSection = (name: string, { title, meaning, checks, tune }: AlarmDefinition) =>
  [
    `### ${name}`,
    `**${title}.** ${meaning}`,
    `**Check.**\n\n${steps(checks)}`,
    `**Tune.** ${tune}`,
    `**Silence.** \`watch.alarms.${name}: false\`, visible in the configuration.`,
  ].join('\n\n');

const detectionSection = (analysis: Analysis) =>
  [
    `### ${analysis.id}`,
    `**${analysis.title}** (severity ${analysis.severity ?? 'info'}${analysis.tags.length === 0 ? '' : `, ATT&CK ${analysis.tags.join(', ')}`}). ${analysis.summary.trim()}`,
    `**What to do.** ${analysis.runbook?.trim() ?? ''}`,
    `**Check.**\n\n${steps(analysis.checks ?? [])}`,
    `**False positives.** ${analysis.falsePositives?.trim() ?? ''}`,
    `**How to use it.** ${analysis.howTo?.trim() ?? ''}`,
    `**Parameters.** In \`watch.schedules.${analysis.id}.parameters\`: ${Object.keys(analysis.parameters)
      .map((name) => `\`${name}\``)
      .join(', ')} ([defaults and bounds](analyses.md#${analysis.id})).`,
    `**Silence.** A suppression by \`key: ${analysis.id}/…\`, address, port or interface, with an end date and a reason.`,
  ].join('\n\n');

export const runbookMarkdown = (detections: readonly Analysis[]): string =>
  `${[
    INTRO,
    '## Alarms',
    ...Object.entries(ALARMS).map(([name, alarm]) => alarmSection(name, alarm)),
    '## Detections',
    ...detections.map(detectionSection),
  ].join('\n\n')}\n`;
