// Starts and stops the real jar, with a strategy and a database from the environment.

import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {rm, mkdtemp} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {accountFor, until} from './until.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

export const STRATEGY = process.env.STRATEGY ?? 'global';
export const DATABASE = process.env.DATABASE ?? 'h2';
/** Skips what starts servers with settings of its own, and so is the same in each run: it is run with the strategy global. */
export const sameEachTime = STRATEGY === 'global' ? false : 'with the strategy global';
const MORE = process.env.SERVER_ARGS?.split(/\s+/).filter(Boolean) ?? [];
export const JAR = resolve(process.env.TODO_JAR ?? join(here, '../../examples/todo/target/todo.jar'));
export const JAVA = process.env.JAVA ?? (process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin/java') : 'java');

/** What archive.mjs makes; the JVM starts without it if it is not there or of another jar or JVM. */
export const ARCHIVE = join(here, `../target/classes-${DATABASE.split(':')[0]}.jsa`);

// The suite starts some twenty short-lived servers on few cores: half the processor time goes without the second compiler,
// and half of a start's without loading each class anew.
export const QUICK = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xlog:disable'];
const java = (...args) => [...QUICK, ...(existsSync(ARCHIVE) ? [`-XX:SharedArchiveFile=${ARCHIVE}`] : []), ...args];
const running = new Set();
process.on('exit', () => running.forEach(child => child.kill())); // with SIGKILL an embedded PostgreSQL would stay
process.once('SIGTERM', () => process.exit(143)); // from the runner, to a file that takes too long

/** Runs the jar with these arguments alone until it ends: its exit code and what it printed. */
export async function run(...args) {
  const child = spawn(JAVA, java('-jar', JAR, ...args), {stdio: ['ignore', 'pipe', 'pipe']});
  running.add(child);
  const [out, err] = [collect(child.stdout), collect(child.stderr)];
  const [code] = await once(child, 'close');
  running.delete(child);
  return {code, out: out(), err: err()};
}

/** Starts a server and waits until it listens. */
export async function startServer({database = DATABASE, strategy = STRATEGY, args = [], jvm = java()} = {}) {
  const child = spawn(JAVA, [
    ...jvm, '-jar', JAR, '--port', '0', '--strategy', strategy, '--database', database, ...MORE, ...args,
  ], {stdio: ['ignore', 'pipe', 'pipe']});
  running.add(child);
  const [out, err] = [collect(child.stdout), collect(child.stderr)];
  let exit = null;
  const settled = accountFor(() => `server ${child.pid} ${exit ? 'has ended' : 'runs'}; it said: ${out()}${err().slice(-3000)}`);
  const ended = once(child, 'close').then(([code, signal]) => {
    running.delete(child);
    settled();
    return (exit = {code, signal});
  });

  const line = await until(() => {
    if (exit) {
      throw new Error(`the server ended with ${JSON.stringify(exit)}\n${out()}\n${err()}`);
    }
    return /^listening on (http:\S+) .*$/m.exec(out());
  }, 'the line "listening on"');

  const end = signal => {
    child.kill(signal);
    return ended;
  };
  return {
    url: line[1].replace(/\/$/, ''),
    line: line[0],
    out,
    err,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

/**
 * A database whose content outlives the server: the one of the environment if it is reached by a URL, or else a file that
 * is deleted after the test.
 */
export async function lastingDatabase(t) {
  if (/^(jdbc:|h2:)/.test(DATABASE)) {
    return DATABASE;
  }
  const folder = await mkdtemp(join(tmpdir(), 'replisync-e2e-'));
  t.after(() => rm(folder, {recursive: true, force: true}));
  return `h2:${join(folder, 'todo')}`;
}

function collect(stream) {
  let text = '';
  stream.setEncoding('utf8').on('data', data => (text += data));
  return () => text;
}
