/** What is known of an address, by the ending of the columns that say it: `srcaddr_owner`. */
export const NAME_FIELDS = ['name', 'kind', 'workload', 'owner', 'country', 'asn'] as const;
export type NameField = (typeof NAME_FIELDS)[number];

/** Owner: the organisation of a public address, by the autonomous system (`asn`) that it is in; country: ISO 3166-1, two letters. */
export type Known = Readonly<Partial<Record<Exclude<NameField, 'asn'>, string | null>>> & { readonly asn?: number | null };

export interface NameSource {
  /** Fields that it can say something of; of all others it says nothing. */
  readonly gives: ReadonlySet<NameField>;
  /** Undefined where nothing is known, and for what is no address. */
  readonly of: (address: string) => Known | undefined;
}
