/** What people are taken to do in a month. Change a number here, and the cost page follows. */
import type { Costs, Month } from './cost-prices.ts';

/** Calls of one person in a month. A token lives 15 minutes: 200 refreshes are 50 hours of use. */
export const HABITS: Record<string, number> = {
  'POST /signup': 0.1,
  'POST /verify-email': 0.1,
  'POST /login': 4,
  'POST /refresh': 200,
  'GET /me': 100,
  'GET /sessions': 1,
  'POST /logout': 2,
  'POST /forgot-password': 0.1,
  'POST /reset-password': 0.1,
  'POST /change-password': 0.02,
};

/** Logins from a device that is new to the account, of which the owner is told. */
export const NEW_DEVICES = 0.3;

/** What the database is taken to need, always awake; a crowd of a million comes to some 500 statements a second at its peak. */
export const SIZES = [
  { people: 1_000, computeUnits: 0.25 },
  { people: 100_000, computeUnits: 0.5 },
  { people: 1_000_000, computeUnits: 2 },
] as const;

export function monthOf(
  costs: Costs,
  bytesPerPerson: number,
  { people, computeUnits }: { people: number; computeUnits: number },
): Month {
  const sum = (part: 'cpuMs' | 'commands' | 'queued' | 'calls') =>
    Object.entries(HABITS).reduce(
      (total, [name, calls]) => total + calls * (part === 'calls' ? 1 : (costs[name]?.[part] ?? Number.NaN)),
      0,
    );
  const messages = people * (sum('queued') + NEW_DEVICES);
  return {
    // The jobs Worker is woken for each message, and every minute.
    requests: people * sum('calls') + messages + 30 * 24 * 60,
    cpuMs: people * sum('cpuMs'),
    commands: people * sum('commands'),
    messages,
    computeUnits,
    gigabytes: (people * bytesPerPerson) / 1e9,
  };
}
