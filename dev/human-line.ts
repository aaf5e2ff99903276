/** A log line of the Workers in a form for people, on a terminal. Through a pipe the line stays as it was written. */

type Logged = Record<string, unknown> & { event: string };

/** Shortens `[gatehouse-api] {"event":"request",...}`; any other line stays as it is. */
export function humanLine(line: string): string {
  const [, prefix = '', json = ''] = /^(\[[\w-]+\] )?(\{"level":.*\})$/.exec(line) ?? [];
  const logged = parse(json);
  if (logged === undefined) return line;
  return logged.event === 'request' ? requestLine(logged) : prefix + eventLine(logged);
}

function requestLine({
  status,
  method,
  route,
  durationMs,
  dbTrips,
  code,
  reason,
  events,
  fault,
}: Logged): string {
  const parts = [
    `${status} ${method} ${route}`,
    `${durationMs} ms`,
    dbTrips === 1 ? '1 trip' : `${dbTrips} trips`,
    ...(code === 'ok' ? [] : [reason === undefined ? code : `${code}: ${reason}`]),
    ...(Array.isArray(events) ? events : []),
  ];
  return [parts.join(', '), ...faultLines(fault)].join('\n');
}

const eventLine = ({ level: _, event, fault, ...rest }: Logged): string =>
  [
    [event, ...Object.entries(rest).map(([name, value]) => `${name}=${textOf(value)}`)].join(' '),
    ...faultLines(fault),
  ].join('\n');

const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

/** Class, SQLSTATE and frames, one below the other. */
function faultLines(fault: unknown): string[] {
  if (typeof fault !== 'object' || fault === null) return [];
  const { frames = [], ...names } = fault as { frames?: string[] };
  return [Object.values(names).join(' '), ...frames].map((text) => `    ${text}`);
}

function parse(json: string): Logged | undefined {
  try {
    return JSON.parse(json) as Logged;
  } catch {
    return undefined;
  }
}
