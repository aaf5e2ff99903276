/**
 * What a page learns from outside: from its other tabs, and from the browser when it wakes. If either is missing nothing
 * breaks, and a message that gets lost costs nothing.
 */

/** The session that another tab has opened or ended. */
export type News = { opened: string } | { ended: string };

type Ears = { hear(news: News): void; wake(): void };

export type Outside = { tell(news: News): void; close(): void };

export function listenOutside(channelName: string, { hear, wake }: Ears): Outside {
  const channel = open(channelName);
  if (channel) channel.onmessage = ({ data }) => hear(data as News);
  const whenSeen = () => isHidden() || wake();
  /** Visible again; back from the browser's cache of pages; online again. */
  const events = [
    [globalThis.document, 'visibilitychange'],
    [globalThis.window, 'pageshow'],
    [globalThis.window, 'online'],
  ] as const;
  for (const [target, event] of events) target?.addEventListener(event, whenSeen);
  return {
    tell: (news) => channel?.postMessage(news),
    close() {
      channel?.close();
      for (const [target, event] of events) target?.removeEventListener(event, whenSeen);
    },
  };
}

export const isHidden = (): boolean => globalThis.document?.hidden ?? false;

function open(name: string): BroadcastChannel | undefined {
  try {
    const channel = new BroadcastChannel(name);
    // Otherwise Node would not exit while it listens.
    (channel as { unref?: () => void }).unref?.();
    return channel;
  } catch {
    return undefined;
  }
}
