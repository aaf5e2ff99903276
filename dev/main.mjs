/**
 * `npm run dev`, and with the word `services` `npm run dev:services`. Plain JavaScript on purpose: it must parse on an old Node, so that one which cannot run the
 * TypeScript beside it is told what to do instead of failing on a syntax error.
 */
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Gatehouse needs Node 22.18 or newer, and this is ${process.versions.node}: install a newer one, or run ` +
      'it on Linux as `npm run dev` after `npm ci`, which brings its own.',
  );
  process.exit(1);
}

import('./stack.ts')
  .then(async (stack) =>
    process.exit(await stack.runStack(process.argv[2] === 'services' ? 'services' : 'all')),
  )
  .catch((error) => {
    console.error(
      error.code === 'ERR_MODULE_NOT_FOUND' ? 'A package is missing: run `npm ci` first.' : error,
    );
    process.exit(1);
  });
