/**
 * What is fine on a laptop and refused in production: plaintext URLs, switches that point at stand-ins, and values that
 * were only ever an example. Works on whatever settings a Worker has, so that a new one is covered by its name.
 */

/** Settings that redirect a provider to a stand-in. */
const DEV_SWITCHES = new Set(['neonHttpUrl', 'resendBaseUrl']);

/** RFC 2606: names that can belong to nobody. */
const EXAMPLE_HOST = /[@./]example(\.com|\.org|\.net)?[>/]?$/i;
const LOOPBACK = /^(localhost|127\.|\[::1\])/;

export type SettingFault = { name: string; fault: string };

export function productionFaults(settings: Record<string, unknown>): SettingFault[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    const fault = typeof value === 'string' ? faultOf(name, value) : undefined;
    return fault === undefined ? [] : [{ name, fault }];
  });
}

function faultOf(name: string, value: string): string | undefined {
  if (DEV_SWITCHES.has(name)) return 'is for local work and must not be set in production';
  if (/^http:/i.test(value)) return 'must be an https URL in production';
  if (EXAMPLE_HOST.test(value)) return 'is still the example: production needs its own';
  if (name === 'audience' && value === 'gatehouse') return 'is still the default: production needs its own';
  if (name === 'databaseUrl' && (LOOPBACK.test(hostOf(value)) || /[?&]sslmode=disable/.test(value)))
    return 'is a local or unencrypted database, which production refuses';
  return undefined;
}

const hostOf = (url: string) => URL.parse(url)?.host ?? '';
