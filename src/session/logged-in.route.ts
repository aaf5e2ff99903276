/** The answers of every login: a session, or a ticket for the second factor that is owed. */
import * as z from 'zod';
import type { Transport } from '../caller.ts';
import type { AppContext } from '../http/context.ts';
import { passkeyRequestFields, profileFields, tokenFields } from '../http/fields.ts';
import { carry } from '../http/transport.ts';
import type { Granted } from './grant.ts';
import { owedMethods } from './owing.ts';

export const loggedInFields = z.object({
  user: profileFields,
  ...tokenFields,
  deviceToken: z.string().optional(),
});

export const owingFields = z.object({
  mfaRequired: z.literal(true),
  ticket: z.string(),
  methods: z.array(z.enum(owedMethods)),
  passkeyOptions: passkeyRequestFields.optional(),
  expiresIn: z.int(),
});

type Person = { id: string; name: string; email: string; createdAt: Date };

/** Tokens in the body, or in cookies. */
export const loggedIn = (
  context: AppContext,
  transport: Transport,
  { user, ...tokens }: Granted & { user: Person },
) => ({
  user: { ...user, createdAt: user.createdAt.toISOString() },
  ...carry(context, transport, tokens),
});
