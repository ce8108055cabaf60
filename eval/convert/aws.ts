import { DEFAULT_VPC_FIELDS } from '../../lib/flow-log/fields';
import { ConvertError, labelOf } from './flow';
import type { Happening } from './incidents';

const TRUTH = ['truth', 'label'];

export interface LabelledLog {
  /** Without the column of the truth. */
  readonly text: string;
  readonly happenings: readonly Happening[];
}

/**
 * AWS's text with a header line, one of whose columns is `truth` or `label`.
 * @throws ConvertError naming file, line, what was got and expected
 */
export function readAws(text: string, file: string): LabelledLog {
  const lines = text.trimEnd().split('\n');
  const names = (lines[0] ?? '').trim().split(/\s+/);
  const truth = names.findIndex((name) => TRUTH.includes(name));
  if (truth < 0) throw new ConvertError(file, 1, `no column ${TRUTH.join(' or ')} among ${names.slice(0, 20).join(' ')}`);
  const missing = DEFAULT_VPC_FIELDS.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new ConvertError(file, 1, `no ${missing.join(', ')}: expected at least the fields of the default format`);
  const place = (name: string) => names.indexOf(name);
  const happenings: Happening[] = [];
  const out = lines.map((line, i) => {
    const cells = line.trim().split(/\s+/);
    if (cells.length !== names.length)
      throw new ConvertError(file, i + 1, `${cells.length} columns, expected the ${names.length} of the header`);
    const label = i === 0 ? undefined : labelOf(cells[truth]);
    const cell = (name: string) => cells[place(name)] ?? '';
    if (label !== undefined)
      happenings.push({
        label,
        source: cell('srcaddr'),
        target: cell('dstaddr'),
        interfaces: [cell('interface-id')],
        from: Number(cell('start')),
        to: Number(cell('end')),
      });
    return cells.filter((_, column) => column !== truth).join(' ');
  });
  return { text: `${out.join('\n')}\n`, happenings };
}
