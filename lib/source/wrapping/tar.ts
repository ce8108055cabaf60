import { once } from 'node:events';
import type { TakeMember, Trouble } from './member';
import { archivesIn } from './tar-archives';

/** Reads the files of a tar archive, in any of its formats, and of those that follow it. Links and devices are no files. */
export async function readTar(chunks: AsyncIterable<Buffer>, take: TakeMember, trouble: (trouble: Trouble) => void): Promise<void> {
  const { Header, Parser } = await import('tar');
  let taken = Promise.resolve();
  let failure: Error | undefined;
  let damaged = 0;
  const damage = (what: string) => {
    // A damaged header makes every block up to the next sound one look like another.
    if (damaged++ === 0) trouble({ name: undefined, why: `damaged tar archive: ${what}`, damage: true });
  };
  const open = () => {
    const parser = new Parser({
      // What is compressed is decoded before it comes here: bytes that look like it are none of the archive's business.
      brotli: false,
      zstd: false,
      onReadEntry: (entry) => {
        const { path: name, type } = entry;
        if (type !== 'File' && type !== 'OldFile' && type !== 'ContiguousFile') {
          if (type !== 'Directory' && type !== 'GNUDumpDir') trouble({ name, why: `a ${type}, not a file`, damage: false });
          entry.resume();
          return;
        }
        const content = entry as unknown as AsyncIterable<Buffer>;
        taken = taken
          .then(() => take({ name, content }))
          .catch((error: unknown) => {
            failure ??= error as Error;
            entry.resume();
          });
      },
    });
    parser.on('ignoredEntry', (entry: { path: string; type: string }) =>
      trouble({ name: entry.path, why: `a ${entry.type}, not a file`, damage: false }),
    );
    parser.on('warn', (code: string, message: string) => {
      if (code !== 'TAR_ENTRY_INFO') damage(message);
    });
    return parser;
  };
  const close = async (parser: ReturnType<typeof open>) => {
    const ended = once(parser, 'end');
    ended.catch(() => undefined);
    parser.end();
    await ended;
    await taken;
    if (failure !== undefined) throw failure;
  };
  let parser = open();
  const pieces = archivesIn(
    chunks,
    (block) => new Header(block),
    () => damage('bytes after its end that are not an archive'),
  );
  for await (const { bytes, begins } of pieces) {
    if (begins) {
      await close(parser);
      parser = open();
    }
    if (failure !== undefined) throw failure;
    if (!parser.write(bytes)) await once(parser, 'drain');
  }
  await close(parser);
}
