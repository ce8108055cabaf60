import type { Logger } from '@aws-lambda-powertools/logger';

export interface Log {
  info(message: string, facts: object): void;
  warn(message: string, facts: object): void;
  error(message: string, facts: object): void;
}

/** Lines of a function's log with their facts under one key. */
export const logOf = (logger: Logger): Log => ({
  info: (message, facts) => logger.info(message, { facts }),
  warn: (message, facts) => logger.warn(message, { facts }),
  error: (message, facts) => logger.error(message, { facts }),
});
