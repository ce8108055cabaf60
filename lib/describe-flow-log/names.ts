/** Key and time-to-live of the table of tokens and quotas. */
export const STATE = { key: 'key', expires: 'expires' } as const;
