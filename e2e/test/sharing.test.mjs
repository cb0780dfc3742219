// Who sees what comes and goes while clients are away, and windows are the user's and the browser's own.

import assert from 'node:assert/strict';
import {send} from '../lib/http.mjs';
import {makeCounter, newID, only, scene} from '../lib/scene.mjs';
import {sharedServer, test} from '../lib/suite.mjs';

const server = sharedServer({args: ['--admin']});
const perUser = {skip: only('row-version')};

const keys = async (client, prefix) => Object.keys(await client.view()).filter(key => key.startsWith(prefix));

async function purge() {
  assert.equal((await send(`${server.url}/admin/purge`)).status, 200);
}

/** Alice's list with a counter that she shares with bob, who has it. */
async function shared(here) {
  const [alice, bob] = [here.client('alice', {direct: true}), here.client('bob')];
  const counter = await makeCounter(alice);
  const shareID = newID();
  await alice.mutate.createShare({id: shareID, listID: counter.listID, userID: bob.user});
  await alice.settle();
  await bob.pullUntil(() => bob.get(counter.key), 'bob sees the list of alice');
  return {alice, bob, shareID, ...counter};
}

test('revoked while a client is offline: gone after it returns, and its work there with it', perUser, async t => {
  const here = await scene(t, server);
  const {alice, bob, shareID, listID, todoID, key} = await shared(here);
  here.proxy.goOffline();
  const own = newID();
  await bob.mutate.moveTodo({id: todoID, by: 50});
  await bob.mutate.createTodo({id: newID(), listID, text: 'too late', completed: false});
  await bob.mutate.createList({id: own, name: 'his own'});
  await alice.mutate.deleteShare({id: shareID});
  await alice.settle();
  assert.equal((await bob.get(key)).sort, 51, 'offline he sees what he had, and what he did');

  here.proxy.heal();
  await bob.rep.push({now: true});
  await here.assertConverged(alice, bob);
  assert.deepEqual(Object.keys(await bob.view()), [`list/${own}`]);
  assert.equal((await alice.get(key)).sort, 1);
  assert.equal((await keys(alice, 'todo/')).length, 1);
  await here.assertBooked(bob, 3);
});

test('granted while a client is offline: there after it returns', perUser, async t => {
  const here = await scene(t, server);
  const [alice, bob] = [here.client('alice', {direct: true}), here.client('bob')];
  const {listID, key} = await makeCounter(alice);
  await bob.pull();
  here.proxy.goOffline();
  await alice.mutate.putNote({id: newID(), listID, value: {deep: [null]}});
  await alice.mutate.createShare({id: newID(), listID, userID: bob.user});
  await alice.settle();
  here.proxy.heal();
  await here.assertConverged(alice, bob);
  assert.equal((await bob.get(key)).sort, 1);
  assert.equal((await keys(bob, 'note/')).length, 1);
});

test('revoked and granted again while a client is offline: what changed meanwhile is there, once', perUser, async t => {
  const here = await scene(t, server);
  const {alice, bob, shareID, listID, todoID, key} = await shared(here);
  here.proxy.goOffline();
  await bob.mutate.moveTodo({id: todoID, by: 50});
  await alice.mutate.deleteShare({id: shareID});
  await alice.mutate.moveTodo({id: todoID, by: 4});
  await alice.mutate.createShare({id: newID(), listID, userID: bob.user});
  await alice.settle();
  here.proxy.heal();
  await bob.rep.push({now: true});
  await here.assertConverged(alice, bob);
  assert.equal((await bob.get(key)).sort, 1 + 4 + 50);
});

test('purge in the middle: clients with old cookies and pending work recover', perUser, async t => {
  const here = await scene(t, server);
  const name = newID();
  const {alice, bob, shareID, listID, todoID, key} = await shared(here);
  const tab = here.client('bob', {name});
  await tab.pull();
  here.proxy.goOffline();
  await bob.mutate.moveTodo({id: todoID, by: 10});
  await tab.mutate.moveTodo({id: todoID, by: 200});
  await purge();
  await alice.mutate.moveTodo({id: todoID, by: 3000});
  await alice.mutate.deleteShare({id: shareID});
  await alice.settle();
  await purge();
  await alice.mutate.createShare({id: newID(), listID, userID: bob.user});
  await alice.settle();
  here.proxy.heal();
  await Promise.all([bob, tab].map(client => client.rep.push({now: true})));
  await here.assertConverged(alice, bob, tab);
  assert.equal((await bob.get(key)).sort, 1 + 10 + 200 + 3000);

  // Whoever is told to start again must not be told for ever.
  await purge();
  const pulls = here.proxy.record('pull');
  await bob.pull();
  await bob.pull();
  assert.equal(pulls().at(-1).status, 200);
  assert.deepEqual([alice, bob, tab].map(client => client.stateNotFound), [0, 0, 0]);
});

test('purge between an answer that was lost and the next pull', perUser, async t => {
  const here = await scene(t, server);
  const {alice, bob, todoID, key} = await shared(here);
  const wire = here.wire('bob', {group: await bob.rep.clientGroupID});
  const {cookie} = (await wire.pull()).json;
  await alice.mutate.moveTodo({id: todoID, by: 5});
  await alice.settle();
  const lost = await wire.pull(cookie);
  assert.equal(lost.json.patch.length, 1);
  await purge();
  const again = await wire.pull(cookie);
  assert.equal(again.json.patch[0].op, 'clear');
  assert.ok(again.json.cookie.order > lost.json.cookie.order, 'never back, whatever was lost');
  await here.assertConverged(alice, bob);
  assert.equal((await bob.get(key)).sort, 6);
});

test('two tabs of one browser have one window, and do not fight for it', perUser, async t => {
  const here = await scene(t, server);
  const name = newID();
  const [left, right] = [here.client('alice', {name}), here.client('alice', {name})];
  const {listID} = await makeCounter(left);
  for (let i = 0; i < 9; i++) {
    await left.mutate.createTodo({id: newID(), listID, text: `todo ${i}`, completed: i % 2 === 0});
  }
  await left.settle();
  const profileID = await left.rep.profileID;
  assert.equal(await right.rep.profileID, profileID);
  const window = `control/${profileID}/window`;

  await left.mutate.setWindow({profileID, showCompleted: true, limit: 4});
  await left.settle();
  await right.pullUntil(async () => (await right.get(window))?.limit === 4, 'the other tab has the same window');
  assert.equal((await keys(right, 'todo/')).length, 4);

  // Both at once, again and again: the last one to arrive holds for both.
  for (let round = 0; round < 10; round++) {
    await Promise.all([
      left.mutate.setWindow({profileID, showCompleted: true, limit: 2 + round}),
      right.mutate.setWindow({profileID, showCompleted: false, limit: 3}),
    ]);
  }
  await here.assertConverged(left, right);
  assert.deepEqual(await left.view(), await right.view());
  const {showCompleted, limit} = await left.get(window);
  const shown = Object.values(await left.view()).filter(({sort}) => sort !== undefined);
  assert.ok(shown.length <= limit);
  assert.ok(showCompleted || shown.every(({completed}) => !completed));

  const settled = JSON.stringify(await left.view());
  for (const client of [left, right, left, right]) {
    await client.pull();
    assert.equal(JSON.stringify(await client.view()), settled, 'nothing goes to and fro');
  }
});

test('a window is nobody else’s, though all users of a browser have one profile', perUser, async t => {
  const here = await scene(t, server);
  const {alice, bob} = await shared(here);
  const profileID = await alice.rep.profileID;
  assert.equal(await bob.rep.profileID, profileID);
  await bob.mutate.setWindow({profileID, showCompleted: true, limit: 0});
  await here.assertConverged(alice, bob);
  assert.equal((await keys(bob, 'todo/')).length, 0);
  assert.equal((await keys(alice, 'todo/')).length, 1);
  assert.equal(await alice.get(`control/${profileID}/window`), undefined);
});

test('without row versions there is no window: the mutation is refused, and nothing else', {
  skip: only('global', 'space'),
}, async t => {
  const here = await scene(t, server);
  const alice = here.client('alice');
  const {key} = await makeCounter(alice);
  const profileID = await alice.rep.profileID;
  await alice.mutate.setWindow({profileID, showCompleted: false, limit: 0});
  await here.assertConverged(alice);
  assert.equal(await alice.get(`control/${profileID}/window`), undefined);
  assert.equal((await alice.get(key)).sort, 1);
  await here.assertBooked(alice, 3);
});
