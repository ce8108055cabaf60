import { promises as fs } from 'node:fs';
import { type Damage, damageText, trustedBytes } from './decode';
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
export async function readEventMessages(path: string): Promise<{ messages: string[]; damage: Damage | undefined }> {
  const { size } = await fs.stat(path);
  const { bytes, damage } = await trustedBytes(path);
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    if (damage !== undefined) throw new SourceError(`${path}: ${damageText(damage)}, and the rest is no whole JSON`, { cause });
    throw new SourceError(`${path}: not valid JSON (${size} bytes): ${(cause as Error).message}`, { cause });
  }
  const list = Array.isArray(parsed) ? parsed : ((parsed as Events).events ?? (parsed as Events).logEvents);
  if (!Array.isArray(list)) {
    throw new SourceError(
      `${path}: expected {"events": [{"message": "2 123456789012 eni-… "}]} as \`aws logs filter-log-events\` prints it; found no array "events"`,
    );
  }
  const messages = list.map((event: unknown, i) => {
    const message = (event as { message?: unknown } | null)?.message;
    if (typeof message !== 'string') {
      throw new SourceError(
        `${path}: event ${i + 1}: expected {"message": "2 123456789012 eni-… "} as \`aws logs filter-log-events\` prints it, ` +
          `got ${JSON.stringify(event).slice(0, MAX_SHOWN)}`,
      );
    }
    return message;
  });
  return { messages, damage };
}
