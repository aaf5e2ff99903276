import * as z from 'zod';
import { secondFactorField } from '../factor/answer.route.ts';
import { secured } from '../http/endpoint.ts';
import { nameField, passwordField, profileFields, ticketField } from '../http/fields.ts';
import { sessionEnded } from '../refusal.ts';
import { findProfile, rename } from '../store/profiles.ts';
import { deleteMe } from './delete.ts';

export const meRoute = secured(
  {
    method: 'get',
    path: '/me',
    message: 'Your account.',
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
    message: 'Your account.',
    get body() {
      return z.strictObject({ name: nameField });
    },
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
    message: 'Your account is deleted.',
    get body() {
      return z.union([
        z.strictObject({ password: passwordField, secondFactor: secondFactorField.optional() }),
        z.strictObject({ stepUp: ticketField }),
      ]);
    },
    get data() {
      return z.object({ erasedAt: z.iso.datetime() });
    },
    refusals: [
      'wrong_password',
      'second_factor_required',
      'wrong_second_factor',
      'invalid_ticket',
      'login_locked',
      'overloaded',
    ],
    limits: ['confirm', 'accountSession'],
  },
  async (deps, caller, bearer, proof) => {
    const { erasedAt } = await deleteMe(deps, caller, bearer, proof);
    return { erasedAt: erasedAt.toISOString() };
  },
);
