import { secured } from '../http/endpoint.ts';
import { profileFields } from '../http/fields.ts';
import { Refusal } from '../refusal.ts';
import { findProfile } from '../store/users.ts';

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
    if (profile === undefined) throw new Refusal('invalid_token', { reason: 'session_ended' });
    return { ...profile, createdAt: profile.createdAt.toISOString() };
  },
);
