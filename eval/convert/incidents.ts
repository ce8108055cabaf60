import type { Incident } from '../attacks/attack';

/** Something labelled that one source did. */
export interface Happening {
  readonly label: string;
  readonly source: string;
  readonly target: string;
  readonly interfaces: readonly string[];
  readonly from: number;
  readonly to: number;
}

export interface IncidentOptions {
  /** Seconds of silence after which the same source begins another incident. */
  readonly gapSeconds: number;
  /** Happenings below which it is none. */
  readonly least: number;
}

const TARGETS = 50;

/** What a source did under one label, without long pauses, is an incident; a finding must name the source. */
export function incidentsOf(happenings: readonly Happening[], name: string, { gapSeconds, least }: IncidentOptions): Incident[] {
  const open = new Map<string, { happenings: Happening[]; to: number }>();
  const done: Happening[][] = [];
  for (const one of [...happenings].sort((a, b) => a.from - b.from)) {
    const key = `${one.label} ${one.source}`;
    const current = open.get(key);
    if (current !== undefined && one.from - current.to <= gapSeconds) {
      current.happenings.push(one);
      current.to = Math.max(current.to, one.to);
      continue;
    }
    if (current !== undefined) done.push(current.happenings);
    open.set(key, { happenings: [one], to: one.to });
  }
  done.push(...[...open.values()].map((current) => current.happenings));
  return done
    .filter((some) => some.length >= least)
    .flatMap((some): Incident[] => {
      const [first] = some;
      if (first === undefined) return [];
      const { label, source } = first;
      const targets = [...new Set(some.map(({ target }) => target))];
      return [
        {
          id: `${name}-${source}-${label.replace(/[^a-z0-9]+/gi, '-')}-${Math.floor(first.from)}`,
          kind: label,
          actors: [...new Set([source, ...some.flatMap(({ interfaces }) => interfaces), ...targets.slice(0, TARGETS)])],
          need: [source],
          n: some.length,
          from: Math.floor(Math.min(...some.map(({ from }) => from))),
          to: Math.ceil(Math.max(...some.map(({ to }) => to))),
        },
      ];
    })
    .sort((a, b) => a.from - b.from);
}
