/**
 * What a User-Agent says the browser and the system are, in words a person knows. It is the client's own claim:
 * good for recognising one's devices in a list, and for nothing else. Unknown is null, never a guess.
 */

export type DeviceName = { browser: string | null; device: string | null };

/** The first that fits: those that name themselves beside another engine's name stand before it. */
const BROWSERS: [RegExp, string][] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\b(?:OPR|Opera)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|CriOS)\//, 'Chrome'],
  [/ Safari\//, 'Safari'],
  [/^curl\//, 'curl'],
];

const DEVICES: [RegExp, string][] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'Chromebook'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac(?:intosh| OS X)\b/, 'Mac'],
  [/\bLinux\b/, 'Linux'],
];

export const deviceName = (userAgent: string | null): DeviceName => ({
  browser: firstOf(BROWSERS, userAgent ?? ''),
  device: firstOf(DEVICES, userAgent ?? ''),
});

/** "Firefox on Linux", or as much of it as is known. */
export function describeDevice(userAgent: string | null): string | null {
  const { browser, device } = deviceName(userAgent);
  return browser && device ? `${browser} on ${device}` : (browser ?? device);
}

const firstOf = (table: [RegExp, string][], userAgent: string) =>
  table.find(([pattern]) => pattern.test(userAgent))?.[1] ?? null;
