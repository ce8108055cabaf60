import { promises as fs } from 'node:fs';
import { decode } from './decode';
import { SourceError } from './errors';

/** Characters of a wrong event that an error shows. */
const MAX_SHOWN = 100;

interface Events {
  events?: unknown;
  logEvents?: unknown;
}

/**
 * Messages of CloudWatch Logs events: the output of `aws logs filter-log-events` and `get-log-events`
 * (`{"events": [{"message": …}]}`), a subscription payload (`{"logEvents": […]}`), or a bare array of events.
 * https://docs.aws.amazon.com/cli/latest/reference/logs/filter-log-events.html
 * @throws SourceError naming the file and what was expected
 */
export async function readEventMessages(path: string): Promise<string[]> {
  const { size } = await fs.stat(path);
  const chunks: Buffer[] = [];
  for await (const chunk of decode(path)) chunks.push(chunk);
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    throw new SourceError(`${path}: not valid JSON (${size} bytes): ${(cause as Error).message}`, { cause });
  }
  const list = Array.isArray(parsed) ? parsed : ((parsed as Events).events ?? (parsed as Events).logEvents);
  if (!Array.isArray(list)) {
    throw new SourceError(
      `${path}: expected {"events": [{"message": "2 123456789012 eni-… "}]} as \`aws logs filter-log-events\` prints it; found no array "events"`,
    );
  }
  return list.map((event: unknown, i) => {
    const message = (event as { message?: unknown } | null)?.message;
    if (typeof message !== 'string') {
      throw new SourceError(
        `${path}: event ${i + 1}: expected {"message": "2 123456789012 eni-… "} as \`aws logs filter-log-events\` prints it, ` +
          `got ${JSON.stringify(event).slice(0, MAX_SHOWN)}`,
      );
    }
    return message;
  });
}
