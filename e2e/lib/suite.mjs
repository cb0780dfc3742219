// A test that stands still ends and says where, and one server serves all tests of a file.

import {after, before, test as nodeTest} from 'node:test';
import {startServer} from './server.mjs';
import {account} from './until.mjs';

const TEST_MS = 300_000;

/** As the one of node:test, with a deadline; shortly before it, what there is is printed. */
export function test(what, ...rest) {
  const play = rest.pop();
  return nodeTest(what, {timeout: TEST_MS, ...rest[0]}, async t => {
    const late = setTimeout(async () => console.error(`"${what}" stands still:\n${await account()}`), TEST_MS - 5_000).unref();
    try {
      await play(t);
    } finally {
      t.after(() => clearTimeout(late)); // the last one, after all that is closed
    }
  });
}

/** Starts a server before the file's tests and stops it after them; its members are there once a test runs. */
export function sharedServer(options) {
  const server = {};
  before(async () => Object.assign(server, await startServer(options)));
  after(() => server.stop?.());
  return server;
}
