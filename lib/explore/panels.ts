/** The linked views: what each groups by. */
import { DIMENSIONS, type DimensionId } from './dimensions';

export interface Panel {
  readonly id: PanelId;
  readonly title: string;
  readonly meaning: string;
  /** Groups; `time` is the bucket of the timeline. */
  readonly by: readonly ('time' | DimensionId)[];
  /** Largest groups that it shows; undefined for all of them. */
  readonly top?: number;
}

const LISTS = [
  'srcaddr',
  'dstaddr',
  'dstport',
  'protocol',
  'interface_id',
  'subnet_id',
  'instance_id',
  'vpc_id',
  'account_id',
  'flow_direction',
  'traffic_path',
  'log_status',
] as const satisfies readonly DimensionId[];
const BUCKETS = ['bytes_size', 'packets_size', 'weekday_hour'] as const satisfies readonly DimensionId[];

export const PANEL_IDS = ['summary', 'timeline', ...LISTS, ...BUCKETS, 'pairs', 'groups'] as const;
export type PanelId = (typeof PANEL_IDS)[number];

const ofDimension = (id: (typeof LISTS)[number] | (typeof BUCKETS)[number], top?: number): Panel => ({
  id,
  title: DIMENSIONS[id].title,
  meaning: DIMENSIONS[id].meaning,
  by: [id],
  ...(top === undefined ? {} : { top }),
});

export const TOP = 10;
const TOP_PAIRS = 16;

const all: Panel[] = [
  { id: 'summary', title: 'Totals', meaning: 'All records of the selection by action.', by: ['action'] },
  {
    id: 'timeline',
    title: 'Accepted and rejected over time',
    meaning: 'Records by start time. Drag to select a time.',
    by: ['time', 'action'],
  },
  ...LISTS.map((id) => ofDimension(id, TOP)),
  ...BUCKETS.map((id) => ofDimension(id)),
  {
    id: 'pairs',
    title: 'Traffic between addresses',
    meaning: 'The largest pairs of source and destination; rejected traffic is red.',
    by: ['srcaddr', 'dstaddr'],
    top: TOP_PAIRS,
  },
  {
    id: 'groups',
    title: 'Between networks',
    meaning: 'Traffic between kinds of networks: private addresses, the internet, and networks named with --group.',
    by: ['source_group', 'destination_group'],
  },
];

export const PANELS = Object.fromEntries(all.map((panel) => [panel.id, panel])) as Readonly<Record<PanelId, Panel>>;

export const isPanel = (id: string): id is PanelId => (PANEL_IDS as readonly string[]).includes(id);

/**
 * The dimension whose selection does not narrow the panel: in a list, what is not selected stays in sight. Panels of several
 * dimensions show the selection itself.
 */
export const ownDimension = ({ id, by }: Panel): DimensionId | undefined => {
  const [first] = by;
  return by.length === 1 && first !== 'time' && id !== 'summary' ? first : undefined;
};

/** Columns that a panel needs of the records. */
const needsOf = (panel: Panel): string[] => [
  ...new Set(['start', ...panel.by.flatMap((by) => (by === 'time' || by === 'action' ? [] : DIMENSIONS[by].needs))]),
];

/** Panels that the columns of the records allow. */
export const panelsFor = (columns: ReadonlySet<string>): Panel[] =>
  all.filter((panel) => needsOf(panel).every((column) => columns.has(column)));

/** One group with its sums. `previous` is the measure in the period before, when that is compared. */
export interface PanelRow {
  /** Values of {@link Panel.by}, in order; null only for an absent action. */
  readonly key: readonly (string | number | null)[];
  readonly records: number;
  readonly rejected: number;
  readonly bytes: number;
  readonly packets: number;
  readonly previous?: number;
}
