/** `npm run cost`: docs/cost.md, from what the benchmark measured (bench/costs.json) and list prices. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../tooling/paths.ts';
import { HABITS, monthOf, NEW_DEVICES, SIZES } from './cost-month.ts';
import {
  type Cost,
  type Costs,
  mail,
  millionCalls,
  monthly,
  neon,
  PRICES_READ,
  queues,
  redis,
  workers,
} from './cost-prices.ts';

export type Measured = { on: string; bytesPerPerson: number; endpoints: Costs };

const measuredFile = join(root, 'bench/costs.json');
export const costPageFile = join(root, 'docs/cost.md');

export const readMeasured = (): Measured => JSON.parse(readFileSync(measuredFile, 'utf8'));

export function writeCosts(measured: Measured): void {
  writeFileSync(measuredFile, `${JSON.stringify(measured, null, 2)}\n`);
  writeFileSync(costPageFile, costPage(measured));
}

const dollars = (amount: number) => `$${amount.toFixed(2).replace(/\B(?=(\d{3})+\.)/g, ',')}`;
const whole = (amount: number) => `$${Math.round(amount).toLocaleString('en-US')}`;
const count = (number: number) => Math.round(number).toLocaleString('en-US');

export const costPage = ({ on, bytesPerPerson, endpoints }: Measured): string => `# What it costs

Written by \`npm run bench\` from what it measured on ${on} and list prices as read in ${PRICES_READ}: take the figures as sizes, not as an offer. The CPU is
that of one machine; trips, commands and messages are counted and the same everywhere (\`test/dev/cost.test.ts\` does the sums again).

## Prices

| what is billed | price |
|---|---|
| Workers | ${whole(workers.month)} a month with ${workers.requests.included / 1e6} million requests and ${workers.cpuMs.included / 1e6} million CPU-ms, then ${dollars(workers.requests.each)} a million requests and ${dollars(workers.cpuMs.each)} a million CPU-ms |
| the rate-limit binding | nothing |
| Queues | ${queues.included / 1e6} million operations, then ${dollars(queues.each)} a million; a message is ${queues.operationsOfMessage} |
| Upstash Redis | ${dollars(redis.each / 10)} per 100,000 commands |
| Neon (Launch) | $${neon.computeHour} a CU-hour, ${dollars(neon.gigabyteMonth)} a GB-month |
| Resend | from ${whole(mail.month)} for ${count(mail.included)} mails; ${whole(mail.least)} to ${mail.most} a million |

## A million calls

Of each endpoint on its usual way, beyond what is included, without the database (billed by the hours it is awake) and without the mail that a message may become.

| call | CPU ms | trips to Postgres | to Redis | in a row | Redis commands | queue operations | requests | CPU | Redis | queue | a million calls |
|---|---|---|---|---|---|---|---|---|---|---|---|
${Object.entries(endpoints).map(callRow).join('\n')}

A login from a device that is new to the account owes its owner a notice: one message more, ${dollars(queues.operationsOfMessage * queues.each)}. A refused login costs what a right one does, a login that
is shed or known to ask too much only its request. A hash is nearly all of the CPU of whatever asks for a password.

## A month

What a person is taken to do in a month: ${Object.entries(HABITS)
  .map(([name, calls]) => `${calls} \`${name}\``)
  .join(', ')}, and ${NEW_DEVICES} logins from a new device.
The database is awake all month; a person with a session and an event takes ${bytesPerPerson.toLocaleString('en-US')} bytes of it, indexes included, as measured among a million.
CPU of the jobs Worker is not measured and not in here.

| monthly people | requests | CPU-ms | Redis commands | mails | Workers | Redis | Queues | Neon | all but mail | mail | a person, without mail |
|---|---|---|---|---|---|---|---|---|---|---|---|
${SIZES.map((size) => monthRow(endpoints, bytesPerPerson, size)).join('\n')}

Neon is taken as ${SIZES.map(({ people, computeUnits }) => `${computeUnits} CU for ${count(people)}`).join(', ')}. Counted in Redis, as they were at first, refresh and \`me\` would cost
${dollars(redis.each)} a million more: ${whole((((HABITS['POST /refresh'] ?? 0) + (HABITS['GET /me'] ?? 0)) * 1e6 * redis.each) / 1e6)} a month for a million people.
`;

function callRow([name, cost]: [string, Cost]): string {
  const { requests, cpu, redis: commands, queue, all } = millionCalls(cost);
  const { cpuMs, postgres, redis: toRedis, inARow, commands: asked, queued } = cost;
  const counts = [cpuMs, postgres, toRedis, inARow, asked, queued * queues.operationsOfMessage];
  return `| \`${name}\` | ${counts.join(' | ')} | ${[requests, cpu, commands, queue, all].map(dollars).join(' | ')} |`;
}

function monthRow(costs: Costs, bytesPerPerson: number, size: (typeof SIZES)[number]): string {
  const month = monthOf(costs, bytesPerPerson, size);
  const { workers: run, redis: counters, queue, neon: database, besides, mail: sent } = monthly(month);
  const counts = [size.people, month.requests, month.cpuMs, month.commands, month.messages].map(count);
  const [least, most] = sent.map(whole);
  const mails = least === most ? least : `${least} to ${most}`;
  return `| ${counts.join(' | ')} | ${[run, counters, queue, database, besides].map(dollars).join(' | ')} | ${mails} | $${(besides / size.people).toFixed(4)} |`;
}

if (import.meta.main) writeCosts(readMeasured());
