/** Every command of an operator, on one page. */
import { Command } from 'commander';
import { addDeploy } from './deploy.ts';
import { addKeys } from './keys.ts';
import { addMail } from './mail.ts';
import { addMigrate } from './migrate.ts';
import { addRoles } from './roles.ts';
import { addSmoke } from './smoke.ts';

export function createProgram(): Command {
  const program = new Command('npm run cli --')
    .description('Operates Gatehouse. Exit codes: 0 done, 1 not done or not all of it, 2 not understood.')
    .exitOverride()
    .showHelpAfterError('(--help says what there is)');
  for (const add of [addMigrate, addRoles, addKeys, addDeploy, addSmoke, addMail]) add(program);
  return program;
}
