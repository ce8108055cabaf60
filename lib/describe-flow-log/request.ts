/** Parameters of a DescribeFlowLog call, validated before use. */
import { WallTimeError } from '../analysis/zone';
import { parseZonedTime } from './time';

/** Errors as the EC2 API words them. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
export const ERRORS = {
  InvalidAction: 400,
  MissingParameter: 400,
  InvalidParameterValue: 400,
  UnknownParameter: 400,
  InvalidNextToken: 400,
  AuthFailure: 401,
  UnauthorizedOperation: 403,
  RequestLimitExceeded: 429,
  InternalError: 500,
  Unavailable: 503,
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** An answer that is no answer: code and message are shown to the caller. */
export class ApiError extends Error {
  override name = 'ApiError';
  constructor(
    readonly code: ErrorCode,
    message: string,
  ) {
    super(message);
  }
}

export interface Limits {
  readonly maxMinutes: number;
  readonly maxDays: number;
  readonly timeZone: string;
}

export type Direction = 'ingress' | 'egress';

export interface DescribeRequest {
  /** Half-open, Unix seconds. */
  readonly from: number;
  readonly to: number;
  /** Undefined: all accounts, which only the admin route allows. */
  readonly account: string | undefined;
  readonly direction: Direction | undefined;
}

/** Who calls, and by which route. */
export interface Caller {
  readonly account: string;
  readonly arn: string;
  readonly admin: boolean;
}

export type Query = Readonly<Record<string, readonly string[] | undefined>>;

/** Parameters of the API; OpenAPI is made of the same list. */
export const PARAMETERS = {
  Action: 'DescribeFlowLog',
  start_time: 'Start, inclusive: dd-mm-yyyy hh:mm:ss in the time zone of the API, or ISO 8601',
  end_time: 'End, exclusive; at most 30 minutes after the start by default',
  account: 'Account of the records, 12 digits: your own, or any account on the admin route (default there: all)',
  direction_ing: '0 ingress, 1 egress; required with account',
  nextToken: 'From the previous response: continues where it ended',
} as const;

const NAMES = Object.keys(PARAMETERS);

/** SigV4 by query string. */
const isSignature = (name: string) => name.toLowerCase().startsWith('x-amz-');

/** One value per known parameter. @throws ApiError naming the parameter, never a secret value */
export function readParameters(query: Query): Readonly<Partial<Record<keyof typeof PARAMETERS, string>>> {
  const found: Record<string, string> = {};
  for (const [name, values = []] of Object.entries(query)) {
    if (isSignature(name)) continue;
    if (name.toLowerCase().replaceAll('-', '_') === 'admin_password')
      throw new ApiError(
        'UnknownParameter',
        'admin_password is not accepted: IAM controls access to other accounts. Sign the request (SigV4) as a principal that may invoke the route /admin, and remove the password; change it, since it was sent',
      );
    if (!NAMES.includes(name))
      throw new ApiError('UnknownParameter', `The parameter ${JSON.stringify(name.slice(0, 60))} is unknown; expected ${NAMES.join(', ')}`);
    if (values.length !== 1)
      throw new ApiError('InvalidParameterValue', `The parameter ${name} must be set once; got ${values.length} values`);
    found[name] = unquoted(values[0] ?? '');
  }
  if (found['Action'] !== PARAMETERS.Action)
    throw new ApiError(
      'InvalidAction',
      `The action ${JSON.stringify((found['Action'] ?? '').slice(0, 60))} is not valid; expected Action=${PARAMETERS.Action}`,
    );
  return found;
}

/** The documented examples put times in quotes. */
const unquoted = (text: string): string => /^"(.*)"$/.exec(text)?.[1] ?? text;

/** @throws ApiError for what is missing, malformed or not allowed */
export function parseRequest(
  parameters: Readonly<Partial<Record<keyof typeof PARAMETERS, string>>>,
  caller: Caller,
  limits: Limits,
  nowMs: number,
): DescribeRequest {
  const from = timeOf('start_time', parameters.start_time, limits);
  const to = timeOf('end_time', parameters.end_time, limits);
  const now = Math.floor(nowMs / 1000);
  if (from >= to) throw new ApiError('InvalidParameterValue', 'start_time must be before end_time');
  if (from > now) throw new ApiError('InvalidParameterValue', 'start_time is in the future');
  if (from < now - limits.maxDays * 86_400) throw new ApiError('InvalidParameterValue', `start_time is older than ${limits.maxDays} days`);
  if (to - from > limits.maxMinutes * 60)
    throw new ApiError(
      'InvalidParameterValue',
      `end_time must be at most ${limits.maxMinutes} minutes after start_time: split the range, or use \`flowlogs fetch\``,
    );
  const direction = directionOf(parameters.direction_ing);
  const { account } = parameters;
  if (account !== undefined && !/^\d{12}$/.test(account)) throw new ApiError('InvalidParameterValue', 'account must be 12 digits');
  if (account !== undefined && direction === undefined)
    throw new ApiError('MissingParameter', 'direction_ing (0 ingress, 1 egress) is required if account is set');
  if (!caller.admin && account !== undefined && account !== caller.account)
    throw new ApiError(
      'UnauthorizedOperation',
      'You can access only the records of your own account. For other accounts, use a principal that may invoke the route /admin',
    );
  return { from, to, account: caller.admin ? account : caller.account, direction };
}

function timeOf(name: 'start_time' | 'end_time', text: string | undefined, { timeZone }: Limits): number {
  if (text === undefined) throw new ApiError('MissingParameter', `The parameter ${name} is required`);
  const seconds = wallTime(name, text, timeZone);
  if (seconds === undefined)
    throw new ApiError(
      'InvalidParameterValue',
      `${name}: expected dd-mm-yyyy hh:mm:ss in ${timeZone}, such as 03-11-2016 17:00:00, or ISO 8601 such as 2016-11-03T11:30:00Z`,
    );
  return seconds;
}

function wallTime(name: string, text: string, timeZone: string): number | undefined {
  try {
    return parseZonedTime(text, timeZone);
  } catch (error) {
    if (error instanceof WallTimeError) throw new ApiError('InvalidParameterValue', `${name}: ${error.message}`);
    throw error;
  }
}

function directionOf(text: string | undefined): Direction | undefined {
  if (text === undefined) return undefined;
  if (text === '0') return 'ingress';
  if (text === '1') return 'egress';
  throw new ApiError('InvalidParameterValue', 'direction_ing must be 0 (ingress) or 1 (egress)');
}
