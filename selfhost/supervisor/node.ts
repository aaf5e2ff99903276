/**
 * The gateway and the jobs: Node processes with a channel to this one. The jobs say that they work; the gateway is
 * asked over its socket.
 */
import { spawn } from 'node:child_process';
import { getOver } from './http.ts';
import type { Started } from './keeper.ts';

const PROBE_MS = 1_000;
/** The jobs speak after each look into the outbox; one look may wait for a slow mail server. */
const SILENCE_MS = 120_000;

export function startNode(file: string, values: Record<string, string>, gatewaySocket: string): Started {
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: values });
  let heardAt = 0;
  child.on('message', () => {
    heardAt = Date.now();
  });
  const isHeard = async () => Date.now() - heardAt < SILENCE_MS;
  const isAsked = async () => (await getOver(gatewaySocket, '/health', PROBE_MS)).status === 200;
  return { process: child, isAnswering: values.GATEWAY_SOCKET ? isAsked : isHeard };
}
