/** How many rows of an answer are given. The parameter `limit` of a question and `--limit` are this one thing. */
import type { Language } from './literal';

/** Name of the parameter. */
export const ROW_LIMIT = 'limit';

export type RowLimit = number | 'all';

/** The most that a query of Logs Insights gives. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Limit.html */
export const INSIGHTS_MOST_ROWS = 100_000;

/** The limit in a text of the language. */
export function rowLimitText(rows: RowLimit, language: Language): string {
  if (language === 'sql') return rows === 'all' ? 'ALL' : String(rows);
  return String(Math.min(rows === 'all' ? INSIGHTS_MOST_ROWS : rows, INSIGHTS_MOST_ROWS));
}

/** A row more than is given: whether there is one shows whether the answer is cut. */
export const oneMore = (rows: RowLimit): RowLimit => (rows === 'all' ? rows : rows + 1);
