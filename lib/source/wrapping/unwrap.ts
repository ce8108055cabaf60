import { createHash } from 'node:crypto';
import { createWriteStream, promises as fs } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { damageText, examine } from '../decode';
import { DamageError, SourceError } from '../errors';
import { isHidden } from '../find-files';
import { type InputFile, nameOf } from '../input';
import type { Wrapping } from '../kind';
import type { Reject } from '../lines';
import { localPath } from '../local-path';
import { SOUND, type UnitResult } from '../unit-result';
import { base64Of, utf8Of } from './layers';
import type { Member, TakeMember, Trouble } from './member';
import { readTar } from './tar';
import { readZip } from './zip';

/** Archives in archives in archives; a file that holds itself has no end. */
const MAX_DEPTH = 6;
/** As for compressed files: only a bomb reaches this. */
const BOMB_RATIO = 400;
const BOMB_FLOOR_BYTES = 256 * 1024 * 1024;

export interface Unwrapped {
  /** Files below the folder, under the names that they have within the wrapping. */
  readonly files: readonly InputFile[];
  /** What of the wrapping could not be read. */
  readonly account: UnitResult;
}

/**
 * Takes one wrapping off a file. Members are kept in `folder` under harmless names; where they would take more room than any flow logs do, it stops.
 * @throws SourceError for a decompression bomb, or a file that the user named and of which nothing can be read
 */
export async function unwrap(file: InputFile, as: Wrapping, folder: string, signal: AbortSignal | undefined): Promise<Unwrapped> {
  const depth = (file.depth ?? 0) + 1;
  if (depth > MAX_DEPTH) throw new SourceError(`${shownOf(file)}: more than ${MAX_DEPTH} nested archives or compressions`);
  const unwrapping = new Unwrapping(file, depth, folder);
  try {
    await read(file, as, unwrapping, signal);
  } catch (error) {
    if (!(error instanceof DamageError)) throw error;
    unwrapping.trouble({ name: undefined, why: error.message, damage: true });
  }
  return unwrapping.end();
}

async function read(file: InputFile, as: Wrapping, unwrapping: Unwrapping, signal: AbortSignal | undefined): Promise<void> {
  const take: TakeMember = (member) => unwrapping.take(member);
  const trouble = (what: Trouble) => unwrapping.trouble(what);
  const content = sound(file, unwrapping, signal);
  switch (as) {
    case 'zip':
      return readZip(file.path, take, trouble);
    case 'tar':
      return readTar(content, take, trouble);
    case 'gzip':
    case 'zstd':
      return take({ name: undefined, content });
    case 'utf-16':
      return take({ name: undefined, content: utf8Of(content) });
    case 'base64':
      return take({ name: undefined, content: base64Of(content) });
  }
}

/** Undamaged decoded bytes; damage is reported. */
async function* sound(file: InputFile, unwrapping: Unwrapping, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  const examined = await examine(file.path, signal);
  for await (const { damage, chunks } of examined.sections()) {
    // What follows damage has lost its place in the archive.
    if (damage !== undefined) break;
    yield* chunks;
  }
  if (examined.damage !== undefined) unwrapping.trouble({ name: undefined, why: damageText(examined.damage), damage: true });
}

/** As a person knows it. */
const shownOf = (file: InputFile): string => file.shown ?? file.path;

class Unwrapping {
  private readonly files: InputFile[] = [];
  private readonly rejects: Reject[] = [];
  private readonly skippedFiles: { path: string; why: string }[] = [];
  private readonly budget: { left: number };

  constructor(
    private readonly file: InputFile,
    private readonly depth: number,
    private readonly folder: string,
  ) {
    this.budget = file.budget ?? { left: Math.max(BOMB_FLOOR_BYTES, file.size * BOMB_RATIO) };
  }

  async take({ name, content }: Member): Promise<void> {
    if (name !== undefined && isHidden(name)) {
      for await (const chunk of content) this.spend(chunk.length);
      return;
    }
    const path = await this.place(name);
    const hash = createHash('sha256');
    let size = 0;
    const counted = async function* (spend: (bytes: number) => void) {
      for await (const chunk of content) {
        spend(chunk.length);
        hash.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    };
    try {
      await pipeline(
        counted((bytes) => this.spend(bytes)),
        createWriteStream(path),
      );
    } catch (error) {
      await fs.rm(path, { force: true });
      throw error;
    }
    if (name === undefined && size === 0) {
      await fs.rm(path);
      return;
    }
    this.files.push({
      path,
      size,
      explicit: name === undefined && this.file.explicit,
      shown: name === undefined ? shownOf(this.file) : `${shownOf(this.file)}!/${name.replace(/^(?:\.\/)+/, '')}`,
      identity: hash.digest('hex'),
      depth: this.depth,
      budget: this.budget,
    });
  }

  trouble({ name, why, damage }: Trouble): void {
    const file = name === undefined ? nameOf(this.file) : `${nameOf(this.file)}!/${name}`;
    if (name !== undefined && isHidden(name)) return;
    if (damage) this.rejects.push({ file, line: 1, kind: 'line', reason: why, text: '' });
    else this.skippedFiles.push({ path: file, why });
  }

  async end(): Promise<Unwrapped> {
    const { files, rejects, skippedFiles } = this;
    const [first] = rejects;
    if (files.length === 0 && first !== undefined && this.file.explicit) throw new SourceError(`${shownOf(this.file)}: ${first.reason}`);
    let rejectsFile: string | undefined;
    if (rejects.length > 0) {
      rejectsFile = join(this.folder, 'rejects.ndjson');
      await fs.mkdir(this.folder, { recursive: true });
      await fs.writeFile(rejectsFile, rejects.map((reject) => `${JSON.stringify(reject)}\n`).join(''));
    }
    return { files, account: { ...SOUND, rejectedLines: rejects.length, samples: rejects, rejectsFile, skippedFiles } };
  }

  private spend(bytes: number): void {
    this.budget.left -= bytes;
    if (this.budget.left >= 0) return;
    throw new SourceError(
      `${shownOf(this.file)}: unpacks to more than ${BOMB_RATIO} times its size (flow logs reach about 20): this looks like a decompression bomb. ` +
        'If it is genuine, unpack it yourself and read the files',
    );
  }

  /** A path of its own for every member: names may come twice, or be a file here and a folder there. */
  private async place(name: string | undefined): Promise<string> {
    for (let i = 0; ; i++) {
      const path = localPath(join(this.folder, i === 0 ? 'content' : `content-${i}`), name ?? 'text');
      try {
        await fs.mkdir(dirname(path), { recursive: true });
        await (await fs.open(path, 'wx')).close();
        return path;
      } catch (error) {
        if (!TAKEN.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
      }
    }
  }
}

const TAKEN = new Set(['EEXIST', 'ENOTDIR', 'EISDIR']);
