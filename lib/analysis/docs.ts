import type { Analysis } from './catalogue';
import type { ParameterDefinition } from './schema';

/** Markdown generated from the definitions, for the docs and `flowlogs show`. */

const cell = (text: string) => text.replaceAll('\n', ' ').replaceAll('|', '\\|');

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---|').join('')}`, ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`)].join(
    '\n',
  );
}

function bounds({ min, max, values }: ParameterDefinition): string {
  if (values !== undefined) return values.join(', ');
  if (min === undefined && max === undefined) return '';
  return `${min ?? ''} … ${max ?? ''}`.trim();
}

const printed = (value: ParameterDefinition['default']) =>
  value === undefined ? 'required' : Array.isArray(value) ? value.join(', ') : String(value);

/** One analysis. `texts`: with the query text per engine. */
export function analysisMarkdown(analysis: Analysis, options: { texts: boolean }): string {
  const facts = [
    `Kind: ${analysis.kind}${analysis.severity === undefined ? '' : `, severity ${analysis.severity}`}`,
    `Status: ${analysis.status}`,
    `Fields: ${analysis.requires.map((name) => `\`${name}\``).join(', ')}`,
    `Default window: ${analysis.window}${analysis.lookback === undefined ? '' : `, baseline from ${analysis.lookback} before`}`,
    ...(analysis.tags.length > 0 ? [`MITRE ATT&CK: ${analysis.tags.join(', ')}`] : []),
  ];
  const parameters = Object.entries(analysis.parameters);
  const sections = [
    `## ${analysis.id}\n\n**${analysis.title}.** ${analysis.summary.trim()}`,
    facts.map((fact) => `- ${fact}`).join('\n'),
    ...(analysis.howTo === undefined ? [] : [`**How to use it.** ${analysis.howTo.trim()}`]),
    ...(analysis.falsePositives === undefined ? [] : [`**False positives.** ${analysis.falsePositives.trim()}`]),
    ...(analysis.runbook === undefined ? [] : [`**What to do.** ${analysis.runbook.trim()}`]),
    ...(parameters.length === 0
      ? []
      : [
          tableOf(
            ['parameter', 'type', 'default', 'bounds', 'meaning'],
            parameters.map(([name, p]) => [`\`${name}\``, p.type, printed(p.default), bounds(p), p.meaning]),
          ),
        ]),
    tableOf(
      ['column', 'type', 'unit', 'meaning'],
      analysis.columns.map((c) => [`\`${c.name}\``, c.type, c.unit ?? '', c.meaning ?? '']),
    ),
    ...(analysis.engines === undefined ? [] : [`No Logs Insights query: ${analysis.engines.insights.trim()}`]),
    ...(analysis.references.length === 0 ? [] : [analysis.references.map((url) => `- <${url}>`).join('\n')]),
    ...(options.texts ? [`Athena SQL (also DuckDB):\n\n\`\`\`sql\n${analysis.sql}\n\`\`\``] : []),
    ...(options.texts && analysis.insights !== undefined ? [`Logs Insights:\n\n\`\`\`text\n${analysis.insights}\n\`\`\``] : []),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** `docs/analyses.md`. */
export function catalogueMarkdown(analyses: readonly Analysis[]): string {
  const groups = [...new Set(analyses.map(({ group }) => group))].sort();
  const index = groups.map((group) => {
    const own = analyses.filter((analysis) => analysis.group === group);
    return `### ${group}\n\n${own.map(({ id, title, kind }) => `- [${id}](#${id})${kind === 'detection' ? ' (detection)' : ''}: ${title}`).join('\n')}`;
  });
  const intro =
    '# Analyses\n\nGenerated from `queries/` by `npm run docs`; do not edit. Run one with `flowlogs query <id> <logs>`, see its query with `flowlogs show <id>`.';
  return `${[intro, ...index, ...analyses.map((analysis) => analysisMarkdown(analysis, { texts: false }).trimEnd())].join('\n\n')}\n`;
}
