// A new release of the page has other mutators: its client group is forked from the one before, with that one's cookie.

import assert from 'node:assert/strict';
import {mutatorsFor} from '../../examples/todo/web/src/mutators.js';
import {makeCounter, newID, persisted, recovered, scene} from '../lib/scene.mjs';
import {sharedServer, test} from '../lib/suite.mjs';

const server = sharedServer();

/** A client that has a counter from the server in its store, and is closed. */
async function closedInSync(here, name) {
  const client = here.client('alice', {name});
  const counter = await makeCounter(client);
  const group = await client.rep.clientGroupID;
  // Stored before the server has confirmed it, and after.
  await client.mutate.moveTodo({id: counter.todoID, by: 1});
  await persisted(client);
  await client.mutate.moveTodo({id: counter.todoID, by: 1});
  await client.settle();
  await persisted(client);
  await client.close();
  return {...counter, group};
}

const nextRelease = here => ({...mutatorsFor(here.user('alice')), aNewOne() {}});

test('a forked group goes on from the old group’s cookie', async t => {
  const here = await scene(t, server);
  const name = newID();
  const {listID, todoID, key, group} = await closedInSync(here, name);
  const writer = here.client('alice');
  const [kept, gone] = [newID(), newID()];
  await writer.pull();
  await writer.mutate.createTodo({id: kept, listID, text: 'meanwhile', completed: false});
  await writer.mutate.createTodo({id: gone, listID, text: 'created and deleted meanwhile', completed: false});
  await writer.mutate.deleteTodo({id: gone});
  await writer.settle();

  const answers = here.proxy.answers('pull');
  const client = here.client('alice', {name, mutators: nextRelease(here)});
  const forked = await client.rep.clientGroupID;
  assert.notEqual(forked, group);
  await client.pull();
  const first = answers().find(({request}) => request.clientGroupID === forked);
  assert.notEqual(first.request.cookie, null, 'the old group’s cookie');
  const operations = first.json.patch.map(({op, key: changed}) => `${op} ${changed}`);
  assert.ok(operations.includes(`put todo/${kept}`));
  assert.ok(!operations.includes('clear'), 'what it holds already is not sent again');
  await client.mutate.moveTodo({id: todoID, by: 10});
  await here.assertConverged(client, writer);
  assert.equal((await client.get(key)).sort, 1 + 2 + 10);
  await here.assertBooked(client, 1);
  assert.equal(client.stateNotFound, 0);
});

test('three tabs of a forked group begin with one cookie and end with one view', async t => {
  const here = await scene(t, server);
  const name = newID();
  const {todoID, key} = await closedInSync(here, name);
  const tabs = [1, 2, 3].map(() => here.client('alice', {name, mutators: nextRelease(here)}));
  const groups = new Set(await Promise.all(tabs.map(tab => tab.rep.clientGroupID)));
  assert.equal(groups.size, 1);
  const writer = here.client('alice');
  await writer.pull();
  for (let round = 0; round < 5; round++) {
    await writer.mutate.moveTodo({id: todoID, by: 1});
    await writer.settle();
    await Promise.all(tabs.map(tab => tab.mutate.moveTodo({id: todoID, by: 100})));
    // One tab after the other, so that they hold different cookies.
    await tabs[round % 3].pull();
  }
  await here.assertConverged(...tabs, writer);
  assert.equal((await writer.get(key)).sort, 1 + 2 + 5 + 5 * 3 * 100);
  for (const tab of tabs) {
    await here.assertBooked(tab, 5);
    assert.equal(tab.stateNotFound, 0);
  }
});

test('an old group that was in sync before it was cut off is recovered by its cookie, once', async t => {
  const here = await scene(t, server);
  const name = newID();
  const first = here.client('alice', {name});
  const {todoID, key} = await makeCounter(first);
  const group = await first.rep.clientGroupID;
  here.proxy.goOffline();
  for (let i = 0; i < 5; i++) {
    await first.mutate.moveTodo({id: todoID, by: 1});
  }
  await persisted(first);
  await first.close();
  here.proxy.heal();

  const [pushes, pulls] = [here.proxy.record('push'), here.proxy.record('pull')];
  const client = here.client('alice', {name, mutators: nextRelease(here)});
  await client.pullUntil(async () => (await client.get(key))?.sort === 1 + 5, 'the old work is there');
  const recovery = ({body}) => body.clientGroupID === group;
  assert.ok(pushes().some(recovery), 'the old group’s own push');
  await recovered(client);
  assert.ok(pulls().some(request => recovery(request) && request.status === 200), 'and its own pull');
  assert.notEqual(pulls().find(recovery).body.cookie, null, 'with its own cookie');
  await here.assertConverged(client);
  const {json} = await here.wire('alice', {group}).pull();
  assert.equal(json.lastMutationIDChanges[first.rep.clientID], 2 + 5);

  await client.close();
  const later = here.proxy.record('push');
  const next = here.client('alice', {name, mutators: nextRelease(here)});
  await makeCounter(next);
  assert.deepEqual(later().filter(recovery), [], 'once');
});
