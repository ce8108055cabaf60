/** Roles of subnets and interfaces whose ordinary traffic differs. */
export const ROLES = ['private', 'public', 'internal'] as const;

export type Role = (typeof ROLES)[number];
