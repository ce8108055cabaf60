/** Answers on disk until all are there: an interrupted fetch goes on where it stopped. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Interval, Parts, RawItem } from '../lib/describe-flow-log/fetch';
import { UsageError } from './errors';
import { draftOf } from './draft';

const NAME = /^(\d+)-(\d+)\.ndjson$/;
const ABOUT = 'about.json';

export class FolderParts implements Parts {
  private drafts = 0;

  private constructor(private readonly folder: string) {}

  /** @throws UsageError if the folder holds parts of another question */
  static async open(folder: string, about: object): Promise<FolderParts> {
    const path = join(folder, ABOUT);
    const text = JSON.stringify(about);
    if (existsSync(path) && readFileSync(path, 'utf8') !== text)
      throw new UsageError(
        `${folder}: holds the parts of another fetch (${readFileSync(path, 'utf8')}). Finish that one, or remove the folder`,
      );
    await fs.mkdir(folder, { recursive: true });
    await fs.writeFile(path, text);
    return new FolderParts(folder);
  }

  async done(): Promise<Interval[]> {
    return (await fs.readdir(this.folder)).flatMap((name) => {
      const [, from, to] = NAME.exec(name) ?? [];
      return from === undefined || to === undefined ? [] : [{ from: Number(from), to: Number(to) }];
    });
  }

  async open(interval: Interval) {
    const draft = join(this.folder, `draft-${process.pid}-${++this.drafts}`);
    const file = await fs.open(draft, 'w');
    return {
      add: async (items: readonly RawItem[]) => {
        if (items.length > 0) await file.appendFile(`${items.map((item) => JSON.stringify(item)).join('\n')}\n`);
      },
      close: async () => {
        await file.close();
        await fs.rename(draft, join(this.folder, `${interval.from}-${interval.to}.ndjson`));
      },
      discard: async () => {
        await file.close();
        await fs.rm(draft, { force: true });
      },
    };
  }

  /**
   * All items in the order of time, each once: a service may give a flow that lasts in every interval that it touches;
   * one that began outside is kept where it is met first.
   */
  async merge(path: string, form: 'json' | 'ndjson'): Promise<{ items: number; repeated: number; sha256: string }> {
    const draft = await draftOf(path);
    const out = await fs.open(draft.path, 'w');
    try {
      const merged = await this.writeAll(out, form);
      await out.close();
      await draft.publish();
      return merged;
    } catch (error) {
      await out.close().catch(() => undefined);
      await draft.discard();
      throw error;
    }
  }

  private async writeAll(out: fs.FileHandle, form: 'json' | 'ndjson'): Promise<{ items: number; repeated: number; sha256: string }> {
    const hash = createHash('sha256');
    const write = async (text: string) => {
      hash.update(text);
      await out.appendFile(text);
    };
    const outside = new Set<string>();
    let items = 0;
    let repeated = 0;
    if (form === 'json') await write('{"DescribeFlowLogResponse":{"value":{"item":[');
    for (const interval of (await this.done()).sort((a, b) => a.from - b.from)) {
      const lines = createInterface({
        input: createReadStream(join(this.folder, `${interval.from}-${interval.to}.ndjson`)),
        crlfDelay: Infinity,
      });
      let text = '';
      for await (const line of lines) {
        const began = beganAt(line);
        if (began !== undefined && (began < interval.from || began >= interval.to)) {
          const id = /"uuidKey":"([^"]+)"/.exec(line)?.[1];
          if (id !== undefined && outside.has(id)) {
            repeated++;
            continue;
          }
          if (id !== undefined) outside.add(id);
        }
        text += form === 'ndjson' ? `${line}\n` : `${items === 0 ? '\n' : ',\n'}${line}`;
        items++;
        if (text.length > 1_000_000) {
          await write(text);
          text = '';
        }
      }
      await write(text);
    }
    if (form === 'json') await write('\n]}}}\n');
    return { items, repeated, sha256: hash.digest('hex') };
  }

  async remove(): Promise<void> {
    await fs.rm(this.folder, { recursive: true, force: true });
  }
}

const beganAt = (line: string): number | undefined => {
  const micros = /"setupTime":"(\d+)"/.exec(line)?.[1];
  return micros === undefined ? undefined : Math.floor(Number(micros) / 1e6);
};
