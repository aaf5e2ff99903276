/** Between the fuzzer and the stack: passes every request on, and holds every answer against the document. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { assertDocumented } from '../support/contract.ts';

/**
 * What may refuse a request that the document allows: nobody has the token, code, id or password that was made up (and
 * too many of them lock), and cookies are for pages.
 */
const MADE_UP = [
  'invalid_code',
  'invalid_credentials',
  'invalid_refresh_token',
  'invalid_token',
  'wrong_password',
  'login_locked',
  'invalid_ticket',
  'wrong_second_factor',
  'second_factor_locked',
  'not_found',
  'password_blocked',
  'origin_not_allowed',
];

/** Specmatic says so which status it expects: 200 for a request that the document allows. */
const EXPECTED = 'specmatic-response-code';

export async function startRecorder(api: string) {
  const findings = new Set<string>();
  /** How often an operation gave a status. */
  const seen = new Map<string, number>();

  const server = createServer(async (request, response) => {
    const sent = await buffer(request);
    const answer = await passOn(api, request, sent);
    const what = `${request.method} ${request.url?.replace(/[0-9a-f-]{36}$/, '{id}').replace(/\?.*/, '')}`;
    const key = `${what} ${answer.status}`;
    seen.set(key, (seen.get(key) ?? 0) + 1);
    for (const finding of findingsOf(request, sent, answer)) findings.add(`${what}: ${finding}`);
    response.writeHead(answer.status, [...answer.headers].flat()).end(answer.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    findings,
    seen,
    close: () => server.close(),
  };
}

type Passed = { status: number; headers: Headers; body: Buffer };

/** Without the headers that are of one connection, or of a body that was compressed. */
async function passOn(
  api: string,
  { method = 'GET', url = '/', headers }: IncomingMessage,
  sent: Buffer,
): Promise<Passed> {
  const asked = new Headers(headers as Record<string, string>);
  for (const name of ['host', 'connection', 'content-length']) asked.delete(name);
  const answer = await fetch(new URL(url, api), {
    method,
    headers: asked,
    ...(sent.length > 0 && { body: sent }),
  });
  const told = new Headers(answer.headers);
  for (const name of ['connection', 'keep-alive', 'transfer-encoding', 'content-encoding', 'content-length'])
    told.delete(name);
  return { status: answer.status, headers: told, body: Buffer.from(await answer.arrayBuffer()) };
}

function findingsOf(request: IncomingMessage, sent: Buffer, answer: Passed): string[] {
  const { method = 'GET', url = '/', headers } = request;
  const { status } = answer;
  const body = answer.body.toString();
  const [mediaType = ''] = (answer.headers.get('Content-Type') ?? '').split(';');
  const answered = /json$/.test(mediaType) ? JSON.parse(body) : body;
  const findings: string[] = [];
  const told = `${status} ${answered.code ?? ''} ${JSON.stringify(answered.errors ?? '')} to ${sent.toString().slice(0, 300)}`;
  if (status >= 500) findings.push(told);
  if (headers[EXPECTED] === '200' && status >= 400 && !MADE_UP.includes(answered.code))
    findings.push(`the document allows it, and it is refused: ${told}`);
  try {
    assertDocumented({
      method,
      url: new URL(url, 'http://localhost'),
      asked: new Headers(headers as Record<string, string>),
      sent:
        sent.length > 0 && headers['content-type']?.includes('json')
          ? JSON.parse(sent.toString())
          : undefined,
      status,
      headers: answer.headers,
      mediaType,
      body: answered,
    });
  } catch (error) {
    findings.push(String(error));
  }
  return findings;
}
