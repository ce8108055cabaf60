/** Gives a link with a key to this user only. */
import { spawn } from 'node:child_process';
import { promises as fs } from 'node:fs';
import { join } from 'node:path';

/** A file that only this user can read. */
async function writePrivate(folder: string, name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await fs.writeFile(file, text, { mode: 0o600, flag: 'wx' });
  return file;
}

/** The link as a file; its path may be kept and shown. */
export const keptLink = (folder: string, link: string): Promise<string> => writePrivate(folder, 'explore.link', `${link}\n`);

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/**
 * Opens a link in the browser; false where there is none. Every user of the machine can read command lines: the browser gets a
 * page in `folder` that leads to the link. https://man7.org/linux/man-pages/man5/proc_pid_cmdline.5.html
 */
export async function openInBrowser(folder: string, link: string, env: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  if (process.platform === 'linux' && (env['DISPLAY'] ?? env['WAYLAND_DISPLAY'] ?? '') === '') return false;
  const page = `<!doctype html><meta charset="utf-8"><title>flowlogs explore</title><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0; url=${link}"><a href="${link}">flowlogs explore</a>\n`;
  const [program, ...args] = OPENERS[process.platform] ?? ['xdg-open'];
  const child = spawn(program, [...args, await writePrivate(folder, 'explore.html', page)], { stdio: 'ignore', detached: true, env });
  child.on('error', () => undefined);
  child.unref();
  return true;
}
