// One server for all tests of a file.

import {after, before} from 'node:test';
import {startServer} from './server.mjs';

/** Starts a server before the file's tests and stops it after them; its members are there once a test runs. */
export function sharedServer(options) {
  const server = {};
  before(async () => Object.assign(server, await startServer(options)));
  after(() => server.stop?.());
  return server;
}
