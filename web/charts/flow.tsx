import { sankey, sankeyLinkHorizontal } from 'd3-sankey';
import { humanValue } from '../../lib/analysis/human';
import type { PanelRow } from '../../lib/explore/panels';
import type { Measure } from '../../lib/explore/state';
import { inWords } from './format';
import { onActivate } from './keys';

const HEIGHT = 300;
const LABEL = 128;
const LINE = 11;

export interface FlowProps {
  readonly rows: readonly PanelRow[];
  readonly measure: Measure;
  readonly width: number;
  readonly height?: number;
  readonly onPair?: (source: string, destination: string) => void;
}

interface Node {
  readonly name: string;
}
interface Link {
  readonly row: PanelRow;
}

const shortened = (text: string, most: number) => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);

/** Pairs as streams from left to right; the thicker, the more. */
export function Flow({ rows, measure, width, height = HEIGHT, onPair }: FlowProps) {
  const drawn = rows.filter((row) => row[measure] > 0);
  if (drawn.length === 0) return <p class="empty">No data.</p>;
  const sources = [...new Set(drawn.map(({ key }) => String(key[0])))];
  const destinations = [...new Set(drawn.map(({ key }) => String(key[1])))];
  const nodes = [...sources, ...destinations].map((name): Node => ({ name }));
  const layout = sankey<Node, Link>()
    .nodeWidth(6)
    .nodePadding(9)
    .nodeSort(null)
    .extent([
      [LABEL, 4],
      [width - LABEL, height - 4],
    ]);
  const graph = layout({
    nodes: nodes.map((node) => ({ ...node })),
    links: drawn.map((row) => ({
      source: sources.indexOf(String(row.key[0])),
      target: sources.length + destinations.indexOf(String(row.key[1])),
      value: row[measure],
      row,
    })),
  });
  const path = sankeyLinkHorizontal<Node, Link>();
  // Thin streams lie close together: a name that would overlap the one above it is left to its tooltip.
  const middleOf = (i: number) => ((graph.nodes[i]?.y0 ?? 0) + (graph.nodes[i]?.y1 ?? 0)) / 2;
  const labelled = new Set<number>();
  for (const side of [sources.map((_, i) => i), destinations.map((_, i) => sources.length + i)]) {
    let above = -Infinity;
    for (const i of side.sort((a, b) => middleOf(a) - middleOf(b))) {
      if (middleOf(i) - above < LINE) continue;
      labelled.add(i);
      above = middleOf(i);
    }
  }
  return (
    <svg
      class="chart"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="group"
      aria-label="Largest pairs of source and destination"
    >
      {graph.links.map((link) => {
        const { row } = link;
        const [source, destination] = [String(row.key[0]), String(row.key[1])];
        const said = `${humanValue(source, undefined)} to ${humanValue(destination, undefined)}: ${inWords(row, measure)}`;
        return (
          <path
            key={`${source}\n${destination}`}
            class={`stream ${row.rejected * 2 > row.records ? 'stream-rejected' : 'stream-accepted'}`}
            d={path(link) ?? ''}
            stroke-width={Math.max(1.5, link.width ?? 1)}
            {...(onPair === undefined
              ? {}
              : {
                  role: 'button',
                  tabindex: 0,
                  'aria-label': `${said}. Filter by this pair`,
                  onClick: () => onPair(source, destination),
                  onKeyDown: onActivate(() => onPair(source, destination)),
                })}
          >
            <title>{said}</title>
          </path>
        );
      })}
      {graph.nodes.map((node, i) => {
        const left = i < sources.length;
        return (
          <g key={`${left ? 'from' : 'to'} ${node.name}`}>
            <rect
              class="node"
              x={node.x0 ?? 0}
              y={node.y0 ?? 0}
              width={(node.x1 ?? 0) - (node.x0 ?? 0)}
              height={Math.max(1, (node.y1 ?? 0) - (node.y0 ?? 0))}
              rx={2}
            />
            {labelled.has(i) && (
              <text
                class="node-label"
                x={left ? (node.x0 ?? 0) - 6 : (node.x1 ?? 0) + 6}
                y={middleOf(i)}
                dy="0.32em"
                text-anchor={left ? 'end' : 'start'}
              >
                {shortened(humanValue(node.name, undefined), 19)}
                <title>{humanValue(node.name, undefined)}</title>
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}
