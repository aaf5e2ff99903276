/**
 * Files as other systems export them, with the hashes of foreign-hashes.ts: the same three people in each. `ada` is proven,
 * `bob` is not, `carol` is blocked.
 */
import { FIREBASE, KEYCLOAK, SAMPLES } from './foreign-hashes.ts';

const hashOf = (format: string) => {
  const sample = SAMPLES.find((one) => one.format === format);
  if (sample === undefined) throw new Error(`no sample of ${format}`);
  return sample;
};
const bcrypt = hashOf('bcrypt:5');
const better = hashOf('better-auth:ln=14,r=16,p=1');
const argon2 = hashOf('argon2id:m=32,t=2,p=4');

/** RFC 6238 appendix B: the secret of its test vectors. */
export const TOTP_SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

export type ForeignFile = {
  source: string;
  /** The end of the file's name. */
  ending: string;
  formats: string;
  password: string;
  text(emails: { ada: string; bob: string; carol: string }): string;
};

const lines = (rows: object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const oid = (n: number) => `5dea9f9c82dd7c0e76e4ec9${n}`;

export const FOREIGN_FILES: ForeignFile[] = [
  {
    source: 'auth0',
    ending: '.json',
    formats: bcrypt.format,
    password: bcrypt.password,
    text: ({ ada, bob, carol }) =>
      lines([
        {
          _id: { $oid: oid(1) },
          email: ada,
          email_verified: true,
          passwordHash: bcrypt.hash,
          name: 'Ada',
          tenant: 'x',
          connection: 'Username-Password-Authentication',
          _tmp_is_unique: true,
        },
        {
          _id: { $oid: oid(2) },
          passwordHash: bcrypt.hash,
          alt_id: 'euclid',
          identifiers: [{ type: 'email', value: bob, verified: false }],
        },
        {
          _id: { $oid: oid(3) },
          email: carol,
          email_verified: true,
          passwordHash: bcrypt.hash,
          blocked: true,
        },
      ]),
  },
  {
    source: 'supabase',
    ending: '.csv',
    formats: bcrypt.format,
    password: bcrypt.password,
    text: ({ ada, bob, carol }) =>
      [
        'id,email,encrypted_password,email_confirmed_at,created_at,banned_until,raw_user_meta_data',
        `s1,${ada},${bcrypt.hash},2024-05-01 10:00:00+00,2024-05-01 09:00:00+00,,"{""name"": ""Ada""}"`,
        `s2,${bob},${bcrypt.hash},,2024-05-02 09:00:00+00,,{}`,
        `s3,${carol},${bcrypt.hash},2024-05-01 10:00:00+00,2024-05-03 09:00:00+00,2999-01-01 00:00:00+00,{}`,
        '',
      ].join('\r\n'),
  },
  {
    source: 'firebase',
    ending: '.json',
    formats: 'firebase-scrypt:ln=14,r=8',
    password: FIREBASE.password,
    text: ({ ada, bob, carol }) =>
      JSON.stringify({
        users: [
          {
            localId: 'f1',
            email: ada,
            emailVerified: true,
            passwordHash: urlSafe(FIREBASE.hash),
            salt: urlSafe(FIREBASE.salt),
            displayName: 'Ada',
            createdAt: '1714554000000',
            disabled: false,
            providerUserInfo: [],
          },
          {
            localId: 'f2',
            email: bob,
            emailVerified: false,
            passwordHash: FIREBASE.hash,
            salt: FIREBASE.salt,
          },
          {
            localId: 'f3',
            email: carol,
            emailVerified: true,
            passwordHash: FIREBASE.hash,
            salt: FIREBASE.salt,
            disabled: true,
          },
        ],
      }),
  },
  {
    source: 'clerk',
    ending: '.csv',
    formats: bcrypt.format,
    password: bcrypt.password,
    text: ({ ada, bob, carol }) =>
      [
        'id,first_name,last_name,username,primary_email_address,primary_phone_number,verified_email_addresses,unverified_email_addresses,verified_phone_numbers,unverified_phone_numbers,totp_secret,password_digest,password_hasher,banned',
        `user_1,Ada,Byron,,${ada},,${ada},,,,,${bcrypt.hash},bcrypt,false`,
        `user_2,Bob,,,${bob},,,${bob},,,,${bcrypt.hash},bcrypt,false`,
        `user_3,Carol,,,${carol},,${carol},,,,,${bcrypt.hash},bcrypt,true`,
        '',
      ].join('\n'),
  },
  {
    source: 'keycloak',
    ending: '.json',
    formats: 'pbkdf2-sha256:27500',
    password: KEYCLOAK.password,
    text({ ada, bob, carol }) {
      const { secretData, credentialData } = KEYCLOAK;
      const credentials = [
        { id: 'c1', type: 'password', createdDate: 1698213817879, secretData, credentialData },
      ];
      const user = {
        createdTimestamp: 1698213817879,
        enabled: true,
        emailVerified: true,
        credentials,
        realmRoles: [],
      };
      return JSON.stringify({
        realm: 'shop',
        roles: { realm: [] },
        users: [
          {
            ...user,
            id: 'k1',
            username: 'ada',
            email: ada,
            firstName: 'Ada',
            attributes: { locale: ['de'] },
          },
          { ...user, id: 'k2', username: 'bob', email: bob, emailVerified: false },
          { ...user, id: 'k3', username: 'carol', email: carol, enabled: false },
        ],
        scopeMappings: [],
      });
    },
  },
  {
    source: 'better-auth',
    ending: '.ndjson',
    formats: better.format,
    password: better.password,
    text: ({ ada, bob, carol }) =>
      lines([
        {
          id: 'b1',
          email: ada,
          emailVerified: true,
          name: 'Ada',
          createdAt: '2025-02-03T04:05:06.000Z',
          password: better.hash,
        },
        { id: 'b2', email: bob, emailVerified: false, name: 'Bob', password: better.hash },
        { id: 'b3', email: carol, emailVerified: true, name: 'Carol', password: better.hash, banned: true },
      ]),
  },
  {
    source: 'csv',
    ending: '.csv',
    formats: argon2.format,
    password: argon2.password,
    text: ({ ada, bob, carol }) =>
      [
        'id,email,email_verified,name,locale,created_at,disabled,password_hash',
        `1,${ada},true,Ada,de-AT,2024-01-02T03:04:05Z,false,"${argon2.hash}"`,
        `2,${bob},false,"Bob ""B"" Builder",,,,"${argon2.hash}"`,
        `3,${carol},t,Carol,,,yes,"${argon2.hash}"`,
        '',
      ].join('\n'),
  },
];

const urlSafe = (base64: string) => base64.replaceAll('+', '-').replaceAll('/', '_');
