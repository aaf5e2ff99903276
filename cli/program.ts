/** All commands for operators, on one page. */
import { Command } from 'commander';

const commands = {
  migrate: async () => (await import('./migrate.ts')).addMigrate,
  roles: async () => (await import('./roles.ts')).addRoles,
  keys: async () => (await import('./keys.ts')).addKeys,
  deploy: async () => (await import('./deploy.ts')).addDeploy,
  smoke: async () => (await import('./smoke.ts')).addSmoke,
  export: async () => (await import('./export.ts')).addExport,
  import: async () => (await import('./import.ts')).addImport,
  mail: async () => (await import('./mail.ts')).addMail,
  'self-host': async () => (await import('./self-host.ts')).addSelfHost,
  users: async () => (await import('./users.ts')).addUsers,
};

/** When a command is named, only that one is loaded: loading is most of the time that a command takes. */
export async function createProgram(name?: string): Promise<Command> {
  const program = new Command('npm run cli --')
    .description('Operates Gatehouse. Exit codes: 0 done, 1 not done or only partly, 2 wrong arguments.')
    .exitOverride()
    .showHelpAfterError('(--help says what there is)');
  const named = Object.entries(commands).filter(([each]) => each === name);
  for (const [, load] of named.length > 0 ? named : Object.entries(commands)) (await load())(program);
  return program;
}
