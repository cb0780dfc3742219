// What the operator throws away: clients find back to the truth, without being reloaded again and again.

import assert from 'node:assert/strict';
import {send} from '../lib/http.mjs';
import {makeCounter, newID, scene} from '../lib/scene.mjs';
import {startServer} from '../lib/server.mjs';
import {sharedServer, test} from '../lib/suite.mjs';
import {until} from '../lib/until.mjs';

const server = sharedServer({args: ['--admin']});

async function admin(action) {
  const {status} = await send(`${server.url}/admin/${action}`);
  assert.equal(status, 200);
}

test('purge: a client from before it gets rid of what was deleted, and keeps its work', async t => {
  const here = await scene(t, server);
  const [alice, other] = [here.client('alice'), here.client('alice')];
  const {listID, todoID, key} = await makeCounter(alice);
  const gone = newID();
  await alice.mutate.createTodo({id: gone, listID, text: 'will be deleted', completed: false});
  await alice.settle();
  await other.pullUntil(() => other.get(`todo/${gone}`), 'the second client sees the todo');

  await alice.mutate.deleteTodo({id: gone});
  await alice.settle();
  here.proxy.goOffline();
  await other.mutate.moveTodo({id: todoID, by: 3});
  await admin('purge');
  await alice.mutate.moveTodo({id: todoID, by: 20});
  here.proxy.heal();

  await here.assertConverged(alice, other);
  assert.equal(await other.get(`todo/${gone}`), undefined, 'no ghost');
  assert.equal((await other.get(key)).sort, 1 + 3 + 20);
  assert.deepEqual([alice.stateNotFound, other.stateNotFound], [0, 0]);
  await here.assertBooked(alice, 2 + 2 + 1);
});

test('wipe: clients that only read see the empty server without a restart', async t => {
  const here = await scene(t, server);
  const [alice, reader] = [here.client('alice'), here.client('alice')];
  const {key} = await makeCounter(alice);
  await reader.pullUntil(() => reader.get(key), 'the reader sees the todo');
  await admin('wipe');
  for (const client of [alice, reader]) {
    await client.pullUntil(async () => !(await client.get(key)), 'what was wiped is gone');
    assert.deepEqual(await client.view(), {});
    assert.equal(client.stateNotFound, 0, 'a pull never says it');
  }

  const fresh = here.client('alice');
  const {key: newKey} = await makeCounter(fresh);
  await reader.pullUntil(() => reader.get(newKey), 'the reader follows the new history');
  await here.assertConverged(reader, fresh);
});

test('wipe: a client that writes starts anew once, and works', async t => {
  const here = await scene(t, server);
  const name = newID();
  let client = here.client('alice', {name});
  await makeCounter(client);
  await admin('wipe');

  let reloads = 0;
  const wanted = newID();
  await client.mutate.createList({id: newID(), name: 'lost with the old group'});
  await until(() => client.stateNotFound > 0, 'the client is told that its group is gone');
  assert.equal(client.stateNotFound, 1);
  // As the page does: a reload is a new client on the same store.
  while (client.stateNotFound && reloads < 5) {
    await client.close();
    client = here.client('alice', {name});
    reloads++;
    await client.pull();
  }
  assert.equal(reloads, 1);

  await client.mutate.createList({id: wanted, name: 'after the wipe'});
  await here.assertConverged(client);
  assert.deepEqual(Object.keys(await client.view()), [`list/${wanted}`]);
  assert.equal(client.stateNotFound, 0);
  await here.assertBooked(client, 1);
});

test('wipe: work of a client that the server never knew arrives', async t => {
  const here = await scene(t, server);
  here.proxy.goOffline();
  const client = here.client('alice');
  const [listID, todoID] = [newID(), newID()];
  await client.mutate.createList({id: listID, name: 'unsent'});
  await client.mutate.createTodo({id: todoID, listID, text: 'unsent', completed: false});
  await client.mutate.moveTodo({id: todoID, by: 1});
  await admin('wipe');
  here.proxy.heal();
  await here.assertConverged(client);
  assert.equal((await client.get(`todo/${todoID}`)).sort, 2);
  assert.equal(client.stateNotFound, 0);
});

test('without --admin there is nothing to wipe with', async t => {
  const plain = await startServer({database: 'h2'});
  t.after(() => plain.stop());
  for (const action of ['wipe', 'purge']) {
    const {status} = await send(`${plain.url}/admin/${action}`);
    assert.ok(status === 404 || status === 405, `${action}: ${status}`);
  }
});
