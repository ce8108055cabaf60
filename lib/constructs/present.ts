type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Drops what is undefined: CDK's properties may be absent, not undefined. */
export const present = <T extends object>(values: T): Present<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<T>;
