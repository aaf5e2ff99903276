/** What the Workers write to the console while `work` runs, as lines. */
import { vi } from 'vitest';

const methods = ['debug', 'info', 'log', 'warn', 'error'] as const;

export async function linesOf<T>(work: () => Promise<T>): Promise<{ answer: T; lines: string[] }> {
  const lines: string[] = [];
  const spies = methods.map((method) =>
    vi.spyOn(console, method).mockImplementation((...parts: unknown[]) => {
      lines.push(parts.map(String).join(' '));
    }),
  );
  try {
    return { answer: await work(), lines };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
