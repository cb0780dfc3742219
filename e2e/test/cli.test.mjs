// The command line: what it prints, and how it refuses.

import assert from 'node:assert/strict';
import {mutation, send, wire} from '../lib/http.mjs';
import {newID} from '../lib/scene.mjs';
import {run, sameEachTime as skip, startServer} from '../lib/server.mjs';
import {test} from '../lib/suite.mjs';

const wrong = {
  'an unknown option': ['--nonsense'],
  'an unknown strategy': ['--strategy', 'telepathy'],
  'a port that is none': ['--port', 'x'],
  'an option without its value': ['--port'],
};

for (const [what, args] of Object.entries(wrong)) {
  test(`${what} prints what is allowed and exits with 2`, {skip}, async () => {
    const {code, out, err} = await run(...args);
    assert.equal(code, 2);
    for (const option of ['--port', '--strategy', '--database']) {
      assert.ok((out + err).includes(option), `names ${option}:\n${out}${err}`);
    }
    assert.doesNotMatch(out + err, /^\s+at .*\(.*\.java:\d+\)/m, 'no stack trace');
  });
}

test('the default: one line when it is ready, logs elsewhere, a clean stop', {skip}, async () => {
  const server = await startServer({strategy: 'global', database: 'h2'});
  assert.equal((await send(`${server.url}/healthz`, {method: 'GET'})).status, 200);
  assert.match(server.line, /^listening on http:\/\/127\.0\.0\.1:\d+\/ \(strategy global, database h2.*\)$/);

  const logged = server.err();
  const alice = wire(server.url, {user: 'alice', space: 'default'});
  assert.equal((await alice.push([mutation(newID(), 1, 'createList', {id: newID(), name: 'a list'})])).status, 200);
  assert.equal((await alice.pull()).status, 200);
  const {code, signal} = await server.stop();
  assert.equal(server.err(), logged, 'nothing is logged for a request');
  assert.ok(code === 0 || code === 143 || signal === 'SIGTERM', `a clean stop, not ${code ?? signal}`);
  assert.equal(server.out().trim().split('\n').length, 1, 'one line on standard output');
});

for (const strategy of ['global', 'space', 'row-version']) {
  test(`the strategy ${strategy} starts by its name`, {skip}, async t => {
    const {out, err} = await run('--strategy', 'telepathy');
    if (!(out + err).includes(strategy)) {
      t.skip('not in this jar'); // a build of some of the modules
      return;
    }
    const server = await startServer({strategy, database: 'h2'});
    t.after(() => server.stop());
    assert.match(server.line, new RegExp(`strategy ${strategy}\\b`));
  });
}
