/** Random files against a reader in another language, written from docs/reading.md. FUZZ_FILES says how many, FUZZ_SEED which. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Python } from '../fuzz/python';
import { randomLog } from '../fuzz/random-logs';
import { randomOf } from '../fuzz/random-values';
import { Writer } from '../fuzz/writer';
import { temporaryFolder, withLogs } from '../support/logs';

const FILES = Number(process.env['FUZZ_FILES'] ?? 400);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
const AT_ONCE = 20;

const folder = temporaryFolder();

interface Answer {
  readonly skipped?: true;
  readonly unreadable?: true;
  readonly records?: readonly Record<string, string>[];
  readonly rejected?: number;
  readonly bad?: number;
  readonly damaged?: boolean;
}

const reference = new Python('reference.py');
const writer = new Writer();
afterAll(() => {
  reference.end();
  writer.end();
});

/** What each file says that is in a file. */
async function referenceOf(path: string): Promise<Answer[]> {
  return JSON.parse(await reference.ask(path)) as Answer[];
}

const texts = (records: readonly Record<string, unknown>[]): string[] =>
  records
    .map((record) =>
      JSON.stringify(
        Object.entries(record)
          .filter(([, value]) => value !== null)
          .map(([name, value]) => [name.toLowerCase(), String(value)])
          .sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
      ),
    )
    .sort();

const seen = { records: 0, rejected: 0, bad: 0, damaged: 0, skipped: 0 };

/** What is left of a list; each of the others must be in it. */
function without(list: readonly string[], others: readonly string[]): string[] {
  const left = [...list];
  for (const other of others) {
    const at = left.indexOf(other);
    expect([at === -1, other]).toEqual([false, other]);
    left.splice(at, 1);
  }
  return left;
}

async function compare(paths: readonly string[], source: string): Promise<void> {
  const expected: Answer[] = [];
  for (const path of paths) expected.push(...(await referenceOf(path)));
  for (const { records = [], rejected = 0, bad = 0, damaged, skipped } of expected) {
    seen.records += records.length;
    seen.rejected += rejected;
    seen.bad += bad;
    seen.damaged += damaged === true ? 1 : 0;
    seen.skipped += skipped === true ? 1 : 0;
  }
  const sum = (of: (answer: Answer) => number | undefined) => expected.reduce((total, answer) => total + (of(answer) ?? 0), 0);
  if (expected.every(({ records }) => records === undefined)) return;
  await withLogs([source], async ({ db, totals, skippedFiles }) => {
    const got = texts(await db.rows('SELECT * FROM flow_records'));
    const damaged = expected.filter((answer) => answer.damaged === true).length;
    const of = (broken: boolean) =>
      texts(expected.filter((one) => (one.damaged === true) === broken).flatMap(({ records }) => records ?? []));
    if (damaged === 0) expect(got).toEqual(of(false));
    else {
      // The reference does not see a header line that changed in damaged bytes: what follows it may be left out, nothing may be added.
      const rest = without(got, of(false));
      expect(without(of(true), rest).length).toBe(of(true).length - rest.length);
    }
    if (damaged === 0 && !expected.some(({ unreadable }) => unreadable === true)) {
      expect(totals.rejectedLines).toBe(sum(({ rejected }) => rejected));
      expect(skippedFiles).toHaveLength(expected.filter(({ skipped }) => skipped === true).length);
    } else expect(totals.rejectedLines + skippedFiles.length).toBeGreaterThanOrEqual(damaged);
    if (damaged === 0) expect(totals.badValues).toBe(sum(({ bad }) => bad));
  });
}

test(
  `${FILES} random files say the same to both readers, beside each other and alone`,
  async () => {
    const random = randomOf(SEED);
    for (let done = 0; done < FILES; done += AT_ONCE) {
      const batch = join(folder, `batch-${done}`);
      mkdirSync(batch);
      const paths: string[] = [];
      for (let i = 0; i < AT_ONCE; i++) {
        const { content, extension } = await randomLog(random, writer);
        const path = join(batch, `${String(i).padStart(3, '0')}.${extension}`);
        writeFileSync(path, content);
        paths.push(path);
      }
      try {
        await compare(paths, batch);
      } catch (error) {
        // Which of them?
        for (const path of paths) {
          const alone = join(folder, 'alone');
          rmSync(alone, { recursive: true, force: true });
          mkdirSync(alone);
          const copies = [join(alone, basename(path)), join(alone, 'beside.log')];
          writeFileSync(copies[0]!, readFileSync(path));
          // What is skipped has to be skipped beside something.
          writeFileSync(copies[1]!, 'srcaddr dstaddr\n192.0.2.1 192.0.2.2\n');
          await compare(copies, alone).catch((cause: unknown) => {
            const kept = join(tmpdir(), `flowlogs-fuzz-${SEED}-${done}-${basename(path)}`);
            writeFileSync(kept, readFileSync(path));
            throw new Error(`seed ${SEED}: the readers differ on ${kept}`, { cause });
          });
        }
        throw error;
      }
      rmSync(batch, { recursive: true });
    }
  },
  // Not a judgement of speed.
  Math.max(600_000, FILES * 3000),
);
