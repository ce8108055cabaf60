import { QueryError, type QueryErrorKind } from './engine';

interface Kind {
  readonly kind: QueryErrorKind;
  readonly retryable: boolean;
  readonly hint?: string;
}

/** By the names that AWS's SDKs give errors; the SDK has retried what can be retried before one arrives here. */
const KINDS: readonly [RegExp, Kind][] = [
  [
    /Throttl|TooManyRequests|LimitExceeded|RequestLimit/i,
    { kind: 'throttled', retryable: true, hint: 'Too many concurrent queries: retry in a minute' },
  ],
  [
    /AccessDenied|NotAuthorized|Unauthorized|UnrecognizedClient|InvalidSignature|ExpiredToken/i,
    { kind: 'denied', retryable: false, hint: 'docs/deploy.md lists the permissions; grantRunQueries of the constructs grants them' },
  ],
  [/CredentialsProvider/i, { kind: 'denied', retryable: false, hint: 'Set AWS_PROFILE, or log in with `aws sso login`' }],
  [/MalformedQuery|InvalidRequest|InvalidParameter|ValidationException/i, { kind: 'syntax', retryable: false }],
  [/Timeout|ETIMEDOUT/i, { kind: 'timeout', retryable: true }],
  [/ServiceUnavailable|InternalServer|InternalFailure|ECONN|ENOTFOUND|EPIPE/i, { kind: 'unknown', retryable: true }],
];

/** Converts an error of the SDK to a QueryError; a QueryError is returned unchanged. */
export function remoteError(error: unknown, engine: string, queryId: string | undefined): unknown {
  const { name, message } = error as Error;
  if (error instanceof QueryError || name === 'AbortError') return error;
  const code = `${name} ${(error as { code?: string }).code ?? ''}`;
  const found = KINDS.find(([pattern]) => pattern.test(code))?.[1];
  if (found === undefined && (error as { $metadata?: unknown }).$metadata === undefined) return error;
  const { kind, retryable, hint } = found ?? { kind: 'unknown' as const, retryable: false };
  return new QueryError([`${name}: ${message}`, ...(hint === undefined ? [] : [hint])], engine, kind, retryable, queryId, { cause: error });
}
