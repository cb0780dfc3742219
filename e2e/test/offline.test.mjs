// A client works on without a network, and loses nothing.

import assert from 'node:assert/strict';
import {makeCounter, newID, scene} from '../lib/scene.mjs';
import {sharedServer, test} from '../lib/suite.mjs';
import {until} from '../lib/until.mjs';

const server = sharedServer();

test('a queue of 500 mutations is pushed and confirmed', async t => {
  const here = await scene(t, server);
  const alice = here.client('alice');
  const {listID} = await makeCounter(alice);
  const ids = Array.from({length: 100}, newID);

  here.proxy.goOffline();
  for (const [i, id] of ids.entries()) {
    await alice.mutate.createTodo({id, listID, text: `offline ${i}`, completed: false});
  }
  for (let round = 0; round < 4; round++) {
    for (const id of ids) {
      await alice.mutate.moveTodo({id, by: 1000});
    }
  }
  assert.equal(await alice.pending(), 500);
  const pushes = here.proxy.record('push');
  const sizes = isMeant => pushes().filter(({status}) => isMeant(status)).map(({body}) => body.mutations.length);
  // Before that, a push may be under way that was begun when there were fewer.
  await until(() => sizes(status => status === 'cut').includes(500), 'the client has tried to push everything');

  here.proxy.heal();
  await alice.rep.push({now: true});
  await alice.settle();
  // A slow server may leave some of them for the next push, with 503.
  assert.equal(sizes(Number.isInteger)[0], 500, 'the client sends everything in one push');

  for (const [i, id] of ids.entries()) {
    assert.equal((await alice.get(`todo/${id}`)).sort, 2 + i + 4 * 1000, `the place of todo ${i}`);
  }
  await here.assertConverged(alice);
  await here.assertBooked(alice, 2 + 500);
});

test('what two users did without a network is merged', async t => {
  const here = await scene(t, server);
  const [alice, bob] = [here.client('alice'), here.client('bob')];
  const {listID, todoID, key} = await makeCounter(alice);
  await alice.mutate.createShare({id: newID(), listID, userID: bob.user});
  await alice.settle();
  await bob.pullUntil(() => bob.get(key), 'bob sees the list of alice');

  here.proxy.goOffline();
  const gone = newID();
  await alice.mutate.createTodo({id: gone, listID, text: 'made and deleted', completed: false});
  await alice.mutate.moveTodo({id: todoID, by: 10});
  await alice.mutate.deleteTodo({id: gone});
  await bob.mutate.moveTodo({id: todoID, by: 200});
  await bob.mutate.updateTodo({id: todoID, text: 'by bob'});
  assert.equal((await alice.get(key)).sort, 11);
  assert.equal((await bob.get(key)).sort, 201);

  here.proxy.heal();
  await Promise.all([alice, bob].map(client => client.rep.push({now: true})));
  await here.assertConverged(alice, bob);
  const todo = await alice.get(key);
  assert.deepEqual([todo.sort, todo.text], [211, 'by bob']);
  assert.equal(await bob.get(`todo/${gone}`), undefined);
});

test('a list deleted meanwhile takes the todos of an offline client with it, and that client goes on', async t => {
  const here = await scene(t, server);
  const [alice, bob] = [here.client('alice', {direct: true}), here.client('bob')];
  const {listID, key} = await makeCounter(alice);
  await alice.mutate.createShare({id: newID(), listID, userID: bob.user});
  await alice.settle();
  await bob.pullUntil(() => bob.get(key), 'bob sees the list of alice');

  here.proxy.goOffline();
  const [lost, own] = [newID(), newID()];
  await bob.mutate.createTodo({id: lost, listID, text: 'too late', completed: false});
  await bob.mutate.createList({id: own, name: 'bob’s own'});
  await alice.mutate.deleteList({id: listID});
  await alice.settle();

  here.proxy.heal();
  await bob.rep.push({now: true});
  await here.assertConverged(alice, bob);
  assert.equal(await bob.get(`todo/${lost}`), undefined);
  assert.equal(await bob.get(key), undefined);
  assert.equal((await bob.get(`list/${own}`)).ownerID, bob.user);
  await here.assertBooked(bob, 2);
});
