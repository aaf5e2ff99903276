import { z } from '@hono/zod-openapi';
import { secured } from '../http/endpoint.ts';
import { instantField, nameField, passwordField, profileFields } from '../http/fields.ts';
import { sessionEnded } from '../refusal.ts';
import { findProfile, rename } from '../store/profiles.ts';
import { deleteMe } from './delete.ts';

export const meRoute = secured(
  {
    method: 'get',
    path: '/me',
    summary: 'Read the own account',
    description:
      'The account of the bearer. A session that has ended is refused at once, whatever its token says.',
    message: 'Your account.',
    body: undefined,
    data: profileFields,
    refusals: [],
    limits: ['account', 'accountSession'],
  },
  async (deps, _caller, bearer) => {
    const profile = await findProfile(deps.db, bearer, deps.now());
    if (profile === undefined) throw sessionEnded();
    return { ...profile, createdAt: profile.createdAt.toISOString() };
  },
);

export const renameRoute = secured(
  {
    method: 'patch',
    path: '/me',
    summary: 'Change the own name',
    description:
      'The name is the only field that is changed here; address and password have their own endpoints.',
    message: 'Your account.',
    body: z.strictObject({ name: nameField }),
    data: profileFields,
    refusals: [],
    limits: ['account', 'accountSession'],
  },
  async (deps, caller, bearer, { name }) => {
    const profile = await rename(deps.db, bearer, name, caller, deps.now());
    if (profile === undefined) throw sessionEnded();
    return { ...profile, createdAt: profile.createdAt.toISOString() };
  },
);

export const deleteMeRoute = secured(
  {
    method: 'delete',
    path: '/me',
    summary: 'Delete the own account',
    description:
      'Asks for the password. Account, sessions and tokens are gone at once and for good; security events are kept ' +
      'without anything that says whose they were, and a farewell is mailed. While a change of address can still be ' +
      'undone from the old mailbox (72 hours), the account is closed at once and erased at `erasedAt`; both mailboxes ' +
      'are told, and an undo brings it back.',
    message: 'Your account is deleted.',
    body: z.strictObject({ password: passwordField }),
    data: z.object({ erasedAt: instantField.openapi({ description: 'When nothing is held any more.' }) }),
    refusals: ['wrong_password', 'login_locked', 'overloaded'],
    limits: ['confirm', 'accountSession'],
  },
  async (deps, caller, bearer, { password }) => {
    const { erasedAt } = await deleteMe(deps, caller, bearer, password);
    return { erasedAt: erasedAt.toISOString() };
  },
);
