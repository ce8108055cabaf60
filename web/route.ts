/** The address of what is seen: the selection, and which part of the page shows it. */
import { decodeState, encodeState, EVERYTHING, type ExploreState, parseRange, printRange, StateError } from '../lib/explore/state';
import type { During } from './during';

export const VIEWS = ['overview', 'findings', 'questions', 'records'] as const;
export type View = (typeof VIEWS)[number];

export interface Route {
  readonly state: ExploreState;
  readonly view: View;
  /** Id of the finding that is looked at. */
  readonly finding?: string | undefined;
  /** Only findings of this time are listed. */
  readonly during?: During | undefined;
  /** Id of the open question, and its parameters. */
  readonly question?: string | undefined;
  readonly parameters: Readonly<Record<string, string>>;
  readonly sort?: { readonly column: string; readonly descending: boolean } | undefined;
}

export function printRoute({ state, view, finding, during, question, parameters, sort }: Route): string {
  const params = new URLSearchParams(encodeState(state));
  if (view !== 'overview') params.set('view', view);
  if (finding !== undefined) params.set('finding', finding);
  if (during !== undefined) params.set('during', printRange(during));
  if (during?.lasting !== undefined) params.set('lasting', String(during.lasting));
  if (question !== undefined) params.set('question', question);
  for (const [name, value] of Object.entries(parameters)) params.set(`p.${name}`, value);
  if (sort !== undefined) params.set('sort', `${sort.descending ? '-' : ''}${sort.column}`);
  return params.toString();
}

/** A route, and what was wrong with an address that says nothing sensible. */
export function parseRoute(text: string): { route: Route; problem?: string } {
  const params = new URLSearchParams(text);
  const view = params.get('view') ?? 'overview';
  const sort = params.get('sort');
  const during = params.get('during');
  const lasting = params.get('lasting') ?? '';
  const rest = {
    view: (VIEWS as readonly string[]).includes(view) ? (view as View) : 'overview',
    finding: params.get('finding') ?? undefined,
    question: params.get('question') ?? undefined,
    parameters: Object.fromEntries([...params].filter(([name]) => name.startsWith('p.')).map(([name, value]) => [name.slice(2), value])),
    sort: sort === null ? undefined : { column: sort.replace(/^-/, ''), descending: sort.startsWith('-') },
  };
  try {
    const listed =
      during === null ? undefined : { ...parseRange('during', during), ...(/^\d{1,12}$/.test(lasting) && { lasting: Number(lasting) }) };
    return { route: { ...rest, during: listed, state: decodeState(text) } };
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return { route: { ...rest, state: EVERYTHING }, problem: `The link is invalid, so all records are shown. ${error.message}` };
  }
}
