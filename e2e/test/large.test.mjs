// Many entries: the first pull, a pull of one change, and a pull that removes most of them.

import assert from 'node:assert/strict';
import {mutation} from '../lib/http.mjs';
import {assertSameView, newID, scene} from '../lib/scene.mjs';
import {STRATEGY} from '../lib/server.mjs';
import {sharedServer, test} from '../lib/suite.mjs';

const server = sharedServer();
const ENTRIES = 20_000;
const TOGETHER = 5_000;
/** Seconds of the real client's own work, so not in each run of the suite. */
const skip = STRATEGY === 'row-version' || process.env.E2E_ALL ? false : 'with row versions, or if E2E_ALL is set';

test(`${ENTRIES} entries`, {skip}, async t => {
  const here = await scene(t, server);
  const [listID, emptied, writerID] = [newID(), newID(), newID()];
  const ids = Array.from({length: ENTRIES}, newID);
  const writes = [
    mutation(writerID, 1, 'createList', {id: listID, name: 'many'}),
    mutation(writerID, 2, 'createList', {id: emptied, name: 'emptied'}),
  ];
  for (let from = 0; from < ENTRIES; from += TOGETHER) {
    const todos = ids.slice(from, from + TOGETHER).map((id, i) => ({
      id, text: `todo ${from + i}`, completed: i % 2 === 0, sort: from + i,
    }));
    writes.push(mutation(writerID, writes.length + 1, 'importTodos', {listID: from === 0 ? listID : emptied, todos}));
  }
  assert.equal((await here.wire('alice').push(writes)).status, 200);

  const [alice, other] = [here.client('alice'), here.client('alice')];
  await Promise.all([alice.pull(), other.pull()]);
  assert.equal(Object.keys(await other.view()).length, 2 + ENTRIES);
  assertSameView(await other.view(), await alice.view(), 'a first pull');

  const answers = here.proxy.answers('pull');
  await alice.mutate.updateTodo({id: ids[0], text: 'one of many'});
  await alice.settle();
  await other.pull();
  assert.equal((await other.get(`todo/${ids[0]}`)).text, 'one of many');
  const group = await other.rep.clientGroupID;
  const told = answers().filter(({request}) => request.clientGroupID === group).flatMap(({json}) => json.patch);
  assert.deepEqual(told.map(({op, key}) => [op, key]), [['put', `todo/${ids[0]}`]], 'one change is one operation');

  await alice.mutate.clearList({listID: emptied});
  await alice.settle();
  await here.assertConverged(other);
  assert.equal(Object.keys(await other.view()).length, 2 + TOGETHER);
  await here.assertBooked(alice, 2);
});
