/** Calls of our own server. The key came with the link and stays in this browser. */

const KEY = 'flowlogs-key';

/** Takes the key out of the address, so that a shared address does not carry it. */
export function takeKey(): void {
  const key = /^#key=([\w-]+)$/.exec(location.hash)?.[1];
  if (key === undefined) return;
  localStorage.setItem(KEY, key);
  history.replaceState(null, '', location.pathname + location.search);
}

export class CallError extends Error {
  override name = 'CallError';
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

async function post(name: string, body: unknown, signal: AbortSignal | undefined): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`/api/${name}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${localStorage.getItem(KEY) ?? ''}` },
      body: JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new CallError(0, 'The explorer does not respond: its command has ended. Start `flowlogs explore` again.');
  }
  if (response.ok) return response;
  const { error } = (await response.json().catch(() => ({ error: response.statusText }))) as { error: string };
  throw new CallError(response.status, error);
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const call = async <T>(name: string, body: unknown = {}, signal?: AbortSignal): Promise<T> =>
  (await post(name, body, signal)).json() as Promise<T>;

/** Saves what a call answers as a file. */
export async function download(name: string, body: unknown, file: string): Promise<void> {
  const url = URL.createObjectURL(await (await post(name, body, undefined)).blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = file;
  link.click();
  URL.revokeObjectURL(url);
}
