/** What a client and a test know of an endpoint without asking it. Judged when types are checked. */
import { expectTypeOf, test } from 'vitest';
import type * as z from 'zod';
import type { Operations } from '../../packages/client/src/contract.ts';
import type { endpoints } from '../../src/app.ts';
import type { BodyOf, DataOf } from '../../src/http/endpoint.ts';
import type { PossibleRefusal } from '../../src/http/possible-refusals.ts';

type Endpoints = (typeof endpoints)[number];
type At<Method extends string, Path extends string> = Extract<Endpoints, { method: Method; path: Path }>;

type Login = At<'post', '/login'>;
type Me = At<'get', '/me'>;
type Events = At<'get', '/events'>;

test('what is sent and what is answered', () => {
  expectTypeOf<BodyOf<Login>>().toEqualTypeOf<{
    email: string;
    password: string;
    deviceToken?: string | undefined;
  }>();
  expectTypeOf<BodyOf<Me>>().toEqualTypeOf<undefined>();
  type User = { id: string; name: string; email: string; createdAt: string };
  expectTypeOf<DataOf<Login>>().toEqualTypeOf<
    | {
        user: User;
        accessToken: string;
        refreshToken?: string | undefined;
        tokenType: 'Bearer';
        expiresIn: number;
        deviceToken?: string | undefined;
      }
    | {
        mfaRequired: true;
        ticket: string;
        methods: ('totp' | 'passkey' | 'recovery' | 'enrolment')[];
        passkeyOptions?:
          | { challenge: string; rpId: string; userVerification: 'required'; timeout: number }
          | undefined;
        expiresIn: number;
      }
  >();
  expectTypeOf<DataOf<Me>>().toEqualTypeOf<User>();
  expectTypeOf<'login.success'>().toExtend<DataOf<Events>['events'][number]['kind']>();
  expectTypeOf<'no.such.kind'>().not.toExtend<DataOf<Events>['events'][number]['kind']>();
});

test('how it refuses', () => {
  expectTypeOf<PossibleRefusal<Login>>().toEqualTypeOf<
    | 'invalid_credentials'
    | 'email_not_verified'
    | 'login_locked'
    | 'overloaded'
    | 'malformed_json'
    | 'request_timeout'
    | 'payload_too_large'
    | 'unsupported_media_type'
    | 'validation_failed'
    | 'origin_not_allowed'
    | 'cross_site'
    | 'rate_limited'
    | 'internal_error'
    | 'service_unavailable'
  >();
  expectTypeOf<PossibleRefusal<Me>>().toEqualTypeOf<
    'invalid_token' | 'rate_limited' | 'internal_error' | 'service_unavailable'
  >();
  expectTypeOf<PossibleRefusal<Events>>().toEqualTypeOf<PossibleRefusal<Me> | 'validation_failed'>();
  // A path that is not served is nothing that can be called.
  expectTypeOf<At<'post', '/no-such-path'>>().toEqualTypeOf<never>();
});

test('the types that the client is published with are those of the endpoints', () => {
  type Name<E extends Endpoints> = `${Uppercase<E['method']>} ${E['path']}`;
  type Declared = {
    [E in Endpoints as Name<E>]: { input: InputOf<E>; data: DataOf<E>; code: PossibleRefusal<E> };
  };
  type InputOf<E extends Endpoints> = E extends { query: z.ZodType }
    ? unknown
    : E extends { params: z.ZodType }
      ? z.input<E['params']> & (E extends { body: z.ZodType } ? z.input<E['body']> : unknown)
      : BodyOf<E>;
  // The query is of texts, and the client takes numbers, too.
  type Published = { [N in keyof Operations]: N extends 'GET /events' ? Queried<N> : Operations[N] };
  type Queried<N extends keyof Operations> = Omit<Operations[N], 'input'> & { input: unknown };

  expectTypeOf<keyof Operations>().toEqualTypeOf<keyof Declared>();
  expectTypeOf<Published>().branded.toEqualTypeOf<Declared>();
});
