import type { Partials } from '../analysis/catalogue';
import { renderPartial } from '../analysis/render';
import type { Group, PortableContext } from './portable';

/** What panels need to know of the records' table. */
export const contextOf = (catalogue: Partials, columns: readonly string[], groups: readonly Group[]): PortableContext => ({
  columns: new Set(columns),
  groups,
  nonPublic: (address) => renderPartial(catalogue, 'non_public_address', { address }).replace(/^\s*--.*\n/gm, ''),
});
