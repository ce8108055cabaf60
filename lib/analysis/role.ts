import type { Analysis } from './catalogue';
import type { ParameterValue } from './literal';

/** Roles of subnets and interfaces whose ordinary traffic differs. */
export const ROLES = ['private', 'public', 'internal'] as const;

export type Role = (typeof ROLES)[number];

/** Values that a part of the network has for its analyses. */
export interface ProfileValues {
  /** Takes the values that each analysis has for such a part; `parameters` go before them. @default - none */
  readonly role?: Role | undefined;
  /** Parameter values by analysis id. */
  readonly parameters: Readonly<Record<string, Readonly<Record<string, ParameterValue>>>>;
}

/** Values of a profile for an analysis: those of its role, then its own; undefined if it has none. */
export function profileParameters(
  { role, parameters }: ProfileValues,
  analysis: Analysis,
): Readonly<Record<string, ParameterValue>> | undefined {
  const ofRole = role === undefined ? undefined : analysis.profiles[role];
  const own = parameters[analysis.id];
  return ofRole === undefined && own === undefined ? undefined : { ...ofRole, ...own };
}
