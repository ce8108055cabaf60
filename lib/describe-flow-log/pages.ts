/** Rows of a query, page by page, over any number of calls. */
import type { Row } from '../analysis/columns';

export interface Page {
  readonly rows: readonly Row[];
  /** Where the next page begins; undefined at the end. */
  readonly next: string | undefined;
}

export interface Pages {
  /** @returns the id of the query */
  start(sql: string): Promise<string>;
  /** Waits a while for the query; `running` if it is not done by then. @throws QueryError */
  page(queryId: string, from: string | undefined): Promise<Page | 'running'>;
}

/** What a nextToken stands for: kept here, so that the token itself says nothing and cannot be made up. */
export interface Continuation {
  readonly caller: string;
  readonly admin: boolean;
  readonly queryId: string;
  readonly from: string | undefined;
}

export interface Continuations {
  save(token: string, continuation: Continuation): Promise<void>;
  load(token: string): Promise<Continuation | undefined>;
}

/** Calls of one caller within a minute. */
export interface Quota {
  /** False if the caller has used up its calls. */
  take(caller: string, minute: number): Promise<boolean>;
}
