/** What to do about an error of the operating system, which says only what happened. */

const PLACES = '-o for the output, FLOWLOGS_CACHE for the cache (--no-cache keeps none), TMPDIR for temporary files';

/** Codes of https://nodejs.org/api/errors.html#common-system-errors; `at`: the file or folder, where it is known. */
const SENTENCES: Readonly<Record<string, (at: string | undefined) => string>> = {
  ENOSPC: (at) => `no space is left on the disk${at === undefined ? '' : ` of ${at}`}. Free some, or name places on another one: ${PLACES}`,
  EROFS: (at) => `${at ?? 'a file'} is on a disk that is read only. Name another place: ${PLACES}`,
  EACCES: (at) => `${at ?? 'a file'}: this user may not read or write it. Change its rights, or name another`,
  EMFILE: () =>
    'too many files are open for the limits of this process or machine. Raise them (ulimit -n 4096), or name fewer files at a time',
  ENOENT: (at) => `${at ?? 'a file or folder'}: there is no such file or folder. Make the folder first, or correct the path`,
  ENOTDIR: (at) => `${at ?? 'a path'}: a parent is a file, not a folder. Correct the path`,
  EISDIR: (at) => `${at ?? 'a path'} is a folder. Name a file`,
  EEXIST: (at) => `${at ?? 'a file'} is there already. Remove it, or name another`,
  ENAMETOOLONG: (at) => `${at ?? 'a path'} is too long for this system. Name a shorter one`,
  ELOOP: (at) => `${at ?? 'a path'}: its symbolic links lead in a circle. Name the file itself`,
  EIO: (at) => `the disk of ${at ?? 'a file'} does not read or write. Copy what can be copied to another one`,
  EADDRINUSE: () => 'the port is in use. Name another with --port; 0 takes a free one',
};

const SAME: Readonly<Record<string, string>> = { EDQUOT: 'ENOSPC', EPERM: 'EACCES', ENFILE: 'EMFILE' };

/** How the engine words them, without codes, in messages that begin as {@link ENGINE}. */
const WORDS: readonly [RegExp, string][] = [
  [/No space left on device|Disk quota exceeded|failed to offload data block|max_temp_directory_size/i, 'ENOSPC'],
  [/Read-only file system/i, 'EROFS'],
  [/Permission denied|Operation not permitted/i, 'EACCES'],
  [/Too many open files/i, 'EMFILE'],
  [/Is a directory/i, 'EISDIR'],
  [/Not a directory/i, 'ENOTDIR'],
  [/No such file or directory/i, 'ENOENT'],
];

const ENGINE = /^(?:IO|Out of Memory) Error: /;

/** A sentence for errors of the system, also where the engine met one; undefined for any other. */
export function systemSentence(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path, message } = error as NodeJS.ErrnoException;
  const word = code ?? (ENGINE.test(message) ? WORDS.find(([pattern]) => pattern.test(message))?.[1] : undefined);
  const sentence = word === undefined ? undefined : SENTENCES[SAME[word] ?? word];
  if (sentence === undefined) return systemSentence(error.cause);
  const at = path ?? /"([^"]+)"/.exec(message)?.[1];
  // The engine's advice below the first line is about its own settings.
  return `${sentence(at)} (${(code === undefined ? (message.split(/\n\s*\n/)[0] ?? '') : message).trim()})`;
}
