/**
 * Specmatic (MIT, https://specmatic.io): reads the document, makes requests that it allows and requests that it does not
 * (each field absent, of another type, too short, too long, not of its pattern), and holds the answers against it. Its
 * npm package brings a Java program of 85 MB, so it has a folder and a lock file of its own.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const HERE = import.meta.dirname;
const PROGRAM = join(HERE, 'node_modules/specmatic/specmatic.jar');

/** A run is some two minutes on a quiet machine. One that is cut off has no report, and fails. */
const MOST_MS = 560_000;

/** Throws an Error that says what is missing. */
export function install(): void {
  if (spawnSync('java', ['-version']).status !== 0)
    throw new Error('npm run fuzz needs Java 17 or newer (Debian: apt-get install default-jre-headless).');
  if (!existsSync(PROGRAM)) execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit'], { cwd: HERE });
}

type Run = { url: string; document: object; accessToken: string; examples: Record<string, object> };
export type Verdict = { tests: number; failures: { test: string; message: string }[]; output: string };

/** Runs in `folder`, where its reports are left. */
export async function runSpecmatic(
  folder: string,
  { url, document, accessToken, examples }: Run,
): Promise<Verdict> {
  writeFileSync(join(folder, 'openapi.json'), JSON.stringify(document));
  mkdirSync(join(folder, 'examples'));
  for (const [name, example] of Object.entries(examples))
    writeFileSync(join(folder, 'examples', `${name}.json`), JSON.stringify(example));
  const program = spawn(
    'java',
    [
      '-jar',
      PROGRAM,
      'test',
      'openapi.json',
      '--examples=examples',
      '--junitReportDir=.',
      `--testBaseURL=${url}`,
    ],
    {
      cwd: folder,
      // The token is named as the security scheme is.
      env: {
        PATH: process.env.PATH,
        SPECMATIC_GENERATIVE_TESTS: 'true',
        MAX_TEST_REQUEST_COMBINATIONS: '16',
        accessToken,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: MOST_MS,
    },
  );
  let output = '';
  program.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  await once(program, 'close');
  return { ...verdictOf(join(folder, 'TEST-junit-jupiter.xml')), output };
}

function verdictOf(report: string): Omit<Verdict, 'output'> {
  const text = existsSync(report) ? readFileSync(report, 'utf8') : '';
  const found = text.matchAll(/<testcase [^>]*name="([^"]*)"[^>]*>\s*<failure message="([^"]*)"/g);
  return {
    tests: [...text.matchAll(/<testcase /g)].length,
    failures: [...found].map(([, test = '', message = '']) => ({
      test: plain(test),
      message: plain(message),
    })),
  };
}

const plain = (text: string) =>
  text.replaceAll('&#10;', '\n').replaceAll('&gt;', '>').replaceAll('&lt;', '<').replaceAll('&quot;', '"');
