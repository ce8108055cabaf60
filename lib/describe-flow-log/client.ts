/** Calls of a DescribeFlowLog service over HTTPS. */
import { isoTime } from '../analysis/render';
import { CallError, type Call, type CallAnswer, type RawItem } from './fetch';

export interface HttpRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ClientOptions {
  /** The service's address; its path is kept. */
  readonly endpoint: URL;
  readonly account: string | undefined;
  /** `0` ingress, `1` egress. */
  readonly direction: string | undefined;
  /** Signs a request; the identity for services that need none. */
  readonly sign: (request: HttpRequest) => Promise<HttpRequest>;
  readonly signal: AbortSignal;
  /** Called with the number of bytes of a response. */
  readonly onBytes?: (bytes: number) => void;
}

const BUSY = new Set([408, 425, 429, 500, 502, 503, 504]);

interface Body {
  readonly DescribeFlowLogResponse?: { readonly value?: { readonly item?: unknown } | null; readonly nextToken?: unknown };
  readonly Response?: { readonly Errors?: readonly { readonly Code?: string; readonly Message?: string }[] };
  readonly message?: string;
}

export const describeFlowLog =
  (options: ClientOptions) =>
  async ({ from, to, nextToken }: Call): Promise<CallAnswer> => {
    const url = new URL(options.endpoint);
    const set = (name: string, value: string | undefined) => {
      if (value !== undefined) url.searchParams.set(name, value);
    };
    set('Action', 'DescribeFlowLog');
    if (nextToken === undefined) {
      set('start_time', isoTime(from));
      set('end_time', isoTime(to));
      set('account', options.account);
      set('direction_ing', options.direction);
    } else set('nextToken', nextToken);
    const { status, text } = await send(
      await options.sign({ url, headers: { host: url.host, accept: 'application/json' } }),
      options.signal,
    );
    options.onBytes?.(text.length);
    return answerOf(status, text);
  };

async function send({ url, headers }: HttpRequest, signal: AbortSignal): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, { headers, signal });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    signal.throwIfAborted();
    const cause = (error as { cause?: Error }).cause;
    throw new CallError(`${url.host}: ${cause?.message ?? (error as Error).message}`, 'busy');
  }
}

function answerOf(status: number, text: string): CallAnswer {
  let body: Body;
  try {
    body = JSON.parse(text) as Body;
  } catch {
    throw new CallError(`response ${status} is not JSON: ${text.slice(0, 200)}`, BUSY.has(status) || status === 200 ? 'busy' : 'refused');
  }
  if (status === 200) {
    const { value, nextToken } = body.DescribeFlowLogResponse ?? {};
    const items = value?.item ?? [];
    if (!Array.isArray(items)) throw new CallError('response 200 has no array value.item', 'refused');
    return { items: items as RawItem[], nextToken: typeof nextToken === 'string' ? nextToken : undefined };
  }
  const [first] = body.Response?.Errors ?? [];
  const reason = `${first?.Code ?? String(status)}: ${first?.Message ?? body.message ?? text.slice(0, 200)}`;
  if (BUSY.has(status)) throw new CallError(reason, 'busy');
  if (first?.Code === 'InvalidNextToken') throw new CallError(reason, 'token');
  if (/shorter|too large|30 minutes/i.test(reason) && !reason.includes('start_time is')) throw new CallError(reason, 'too-large');
  throw new CallError(reason, 'refused');
}
