/** Other texts that a lenient decoder of base64url reads as the same signature. */
export function otherSpellings(token: string): string[] {
  const last = token.slice(-1);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const strayBit = alphabet[alphabet.indexOf(last) ^ 1];
  return [
    `${token}=`,
    `${token}==`,
    `${token} `,
    ` ${token}`,
    `${token}\n`,
    `${token.slice(0, -1)}${strayBit}`,
  ];
}

/** The same token with another signature: its first character is another one, for all bits of that one count. */
export function withOtherMac(token: string): string {
  const start = token.lastIndexOf('.') + 1;
  return `${token.slice(0, start)}${token[start] === 'A' ? 'B' : 'A'}${token.slice(start + 1)}`;
}
