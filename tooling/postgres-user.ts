/**
 * The user that runs Postgres. Postgres refuses to run as root, so root runs it as the user `nobody`. Where that user
 * may not enter the folder (a checkout below /root), it gets the single right to pass through folders.
 */
import { execFile } from 'node:child_process';
import { lchown, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UserError } from './user-error.ts';

const run = promisify(execFile);

/** `ids` are set for the child process. `prefix` is a command that becomes that user instead. */
export type User = {
  owner?: { uid: number; gid: number };
  ids?: { uid: number; gid: number };
  prefix?: string[];
};

export async function chooseUser(folder: string): Promise<User> {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'nobody'])).stdout)),
  );
  if (uid === undefined || gid === undefined) throw new Error('There is no user nobody.');
  const owner = { uid, gid };
  await lchown(folder, uid, gid);
  const enter = ['test', '-x', folder];
  if (await succeeds(enter, owner)) return { owner, ids: owner };

  const prefix = [
    ...['setpriv', '--reuid', `${uid}`, '--regid', `${gid}`, '--clear-groups'],
    // Without it access(2), by which initdb looks for its files, knows nothing of the lent right.
    ...['--securebits', '+no_setuid_fixup'],
    ...['--inh-caps', '-all,+dac_override', '--ambient-caps', '-all,+dac_override'],
  ];
  if (await succeeds([...prefix, ...enter])) return { owner, prefix };
  throw new UserError(
    `Postgres does not run as root, and no other user may enter ${folder}: move the checkout out of there, or start it as its owner.`,
  );
}

async function succeeds([file = '', ...args]: string[], ids?: User['ids']): Promise<boolean> {
  return run(file, args, { ...ids, cwd: '/' }).then(
    () => true,
    () => false,
  );
}

/** The command line for that user. */
export function command(line: string[], { prefix = [] }: User): string[] {
  return [...prefix, ...line];
}

/** Gives the folder and everything in it to the user. */
export async function giveAway(folder: string, { owner }: User): Promise<void> {
  if (!owner) return;
  await lchown(folder, owner.uid, owner.gid);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await lchown(join(entry.parentPath, entry.name), owner.uid, owner.gid);
  }
}
