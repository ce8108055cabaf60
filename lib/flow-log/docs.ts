import { type Field, FIELDS } from './fields';
import { NAMED_FORMATS, printHeader } from './format';

const KIND = (field: Field) => field.logs.map((kind) => (kind === 'vpc' ? 'VPC' : 'TGW')).join(', ');
const cell = (text: string) => text.replaceAll('|', '\\|');

/** `docs/fields.md`: the field table for people. */
export function fieldsMarkdown(): string {
  const rows = [...FIELDS]
    .sort((a, b) => a.since - b.since)
    .map(
      (f) =>
        `| ${[String(f.since), `\`${f.name}\``, KIND(f), `\`${f.sqlName}\` ${f.athenaType}`, f.parquetType, `\`${f.insightsName}\``, f.textType, f.dash, f.permissions.map((p) => `\`${p}\``).join(', '), f.meaning].map(cell).join(' | ')} |`,
    );
  const formats = Object.entries(NAMED_FORMATS).map(([name, format]) => `- \`${name}\`: ${printHeader(format())}`);
  return `# Flow-log fields

Generated from \`lib/flow-log/fields.ts\` by \`npm run docs\`; do not edit.

Sources: VPC <https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html>, transit gateway
<https://docs.aws.amazon.com/vpc/latest/tgw/tgw-flow-logs.html>.

In text objects every value is text; an integer column of the table is \`NULL\` where the text is \`-\` or no integer.
Insights names are documented for the default format; for the other fields they are an assumption (same pattern).
That a \`-\` of an integer field is a null in Parquet is an assumption too; both are read.

## Named formats

${formats.join('\n')}

## Fields

| since | field | logs | SQL column | Parquet | Insights | text | \`-\` means | permissions | meaning |
|---|---|---|---|---|---|---|---|---|---|
${rows.join('\n')}
`;
}
