/** DescribeFlowLog: a signed request, a response in the documented format. No SDK, no environment. */
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { type Answer, itemOf, NAMESPACE_URI } from '../../lib/describe-flow-log/answer';
import type { Continuations, Page, Pages, Quota } from '../../lib/describe-flow-log/pages';
import { querySql, type View } from '../../lib/describe-flow-log/query';
import { ApiError, type Caller, ERRORS, type Limits, parseRequest, readParameters } from '../../lib/describe-flow-log/request';
import { QueryError } from '../../lib/engine/engine';

export interface Dependencies {
  readonly view: View;
  readonly limits: Limits;
  readonly pages: Pages;
  readonly continuations: Continuations;
  readonly quota: Quota;
  /** An id of a flow, the same for the same record. */
  readonly flowId: (key: string) => string;
  readonly newToken: () => string;
  readonly now: () => number;
  /** Audit line of a call: caller, request and result. */
  readonly audit: (facts: Readonly<Record<string, unknown>>) => void;
  readonly error: (message: string, facts: object) => void;
}

export type Handler = (event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult>;

/** The route whose callers IAM lets see every account. */
export const ADMIN_ROUTE = '/admin';

export function createHandler(deps: Dependencies): Handler {
  return async (event) => {
    const requestId = `req-${event.requestContext.requestId}`;
    const facts: Record<string, unknown> = { requestId };
    try {
      const caller = callerOf(event);
      Object.assign(facts, { account: caller.account, principal: caller.arn, admin: caller.admin });
      if (!(await deps.quota.take(caller.arn, Math.floor(deps.now() / 60_000))))
        throw new ApiError('RequestLimitExceeded', 'Too many calls within a minute: wait, then call less often');
      const { items, next } = await answer(deps, event, caller, facts);
      deps.audit({ ...facts, outcome: 'ok', items: items.length, more: next !== undefined });
      const body: Answer = {
        DescribeFlowLogResponse: {
          '@xmlns': NAMESPACE_URI,
          requestId,
          value: { item: items },
          ...(next === undefined ? {} : { nextToken: next }),
        },
      };
      return reply(200, body);
    } catch (error) {
      const shown = shownError(deps, error, requestId);
      deps.audit({ ...facts, outcome: shown.code });
      return reply(ERRORS[shown.code], { Response: { Errors: [{ Code: shown.code, Message: shown.message }], RequestID: requestId } });
    }
  };
}

async function answer(
  deps: Dependencies,
  event: APIGatewayProxyEvent,
  caller: Caller,
  facts: Record<string, unknown>,
): Promise<{ items: ReturnType<typeof itemOf>[]; next: string | undefined }> {
  const parameters = readParameters(event.multiValueQueryStringParameters ?? {});
  let queryId: string;
  let from: string | undefined;
  if (parameters.nextToken !== undefined) {
    const known = /^[0-9a-f]{32,64}$/.test(parameters.nextToken) ? await deps.continuations.load(parameters.nextToken) : undefined;
    // A token of another principal or route is answered like one that does not exist.
    if (known?.caller !== caller.arn || known.admin !== caller.admin)
      throw new ApiError('InvalidNextToken', 'The nextToken is not valid, or expired: start again');
    facts['continues'] = true;
    ({ queryId, from } = known);
  } else {
    const request = parseRequest(parameters, caller, deps.limits, deps.now());
    Object.assign(facts, { from: request.from, to: request.to, asked: request.account ?? 'all', direction: request.direction ?? 'both' });
    queryId = await deps.pages.start(querySql(request, deps.view));
  }
  facts['queryId'] = queryId;
  const page: Page | 'running' = await deps.pages.page(queryId, from);
  const goesOn = page === 'running' ? true : page.next !== undefined;
  const next = goesOn ? deps.newToken() : undefined;
  if (next !== undefined)
    await deps.continuations.save(next, { caller: caller.arn, admin: caller.admin, queryId, from: page === 'running' ? from : page.next });
  return { items: page === 'running' ? [] : page.rows.map((row) => itemOf(row, deps.flowId)), next };
}

/** API Gateway has checked the signature; without its word there is no caller. */
function callerOf(event: APIGatewayProxyEvent): Caller {
  const { accountId, userArn } = event.requestContext.identity;
  if (accountId === null || userArn === null || !/^\d{12}$/.test(accountId) || userArn === '')
    throw new ApiError('AuthFailure', 'The request is not signed: sign it with SigV4 for the service execute-api');
  return { account: accountId, arn: userArn, admin: event.resource === ADMIN_ROUTE };
}

function shownError(deps: Dependencies, error: unknown, requestId: string): ApiError {
  if (error instanceof ApiError) return error;
  deps.error('call failed', { requestId, error: (error as Error).message });
  if (error instanceof QueryError && error.kind === 'throttled')
    return new ApiError('RequestLimitExceeded', 'The query service is busy: retry in a moment');
  if (error instanceof QueryError && error.kind === 'limit')
    return new ApiError('InvalidParameterValue', 'This window has more records than a call may read: request a shorter window');
  if (error instanceof QueryError && error.retryable) return new ApiError('Unavailable', 'The query service did not respond: retry');
  return new ApiError('InternalError', `An internal error; the operator can find it by the request id ${requestId}`);
}

const reply = (statusCode: number, body: object): APIGatewayProxyResult => ({
  statusCode,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(body),
});
