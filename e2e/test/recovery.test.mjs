// A newer version of the application takes over what an older one could not send, and users sign in again.

import assert from 'node:assert/strict';
import {mutatorsFor} from '../../examples/todo/web/src/mutators.js';
import {makeCounter, newID, persisted, recovered, scene} from '../lib/scene.mjs';
import {sharedServer, test} from '../lib/suite.mjs';
import {until} from '../lib/until.mjs';

const server = sharedServer();

/**
 * A client that has made a list, a todo and five moves, none of which the server has got, and that is closed: what is left
 * of it is what its browser stored.
 */
async function interrupted(here, options) {
  here.proxy.goOffline();
  const client = here.client('alice', options);
  const [listID, todoID] = [newID(), newID()];
  await client.mutate.createList({id: listID, name: 'unsent'});
  await persisted(client);
  await client.mutate.createTodo({id: todoID, listID, text: 'unsent', completed: false});
  for (let i = 0; i < 5; i++) {
    await client.mutate.moveTodo({id: todoID, by: 1});
  }
  await persisted(client);
  const group = await client.rep.clientGroupID;
  await client.close();
  here.proxy.heal();
  return {group, todoID, clientID: client.rep.clientID};
}

async function assertRecovered(here, client, {group, todoID, clientID}, pushes) {
  const key = `todo/${todoID}`;
  await client.pullUntil(() => client.get(key), 'the old work is there');
  await recovered(client);
  const recovering = pushes().filter(({body}) => body.clientGroupID === group);
  assert.ok(recovering.length > 0, 'the old group’s own push');
  await here.assertConverged(client);
  assert.equal((await client.get(key)).sort, 1 + 5, 'every move counts once');
  const {json} = await here.wire('alice', {group}).pull();
  assert.equal(json.lastMutationIDChanges[clientID], 7, 'booked for the old client');
  assert.notEqual(await client.rep.clientGroupID, group);
  return recovering;
}

test('other mutators: the new client group sends what the old one could not', async t => {
  const here = await scene(t, server);
  const name = newID();
  const old = await interrupted(here, {name});
  const pushes = here.proxy.record('push');
  const mutators = {...mutatorsFor(here.user('alice')), aNewOne() {}};
  const client = here.client('alice', {name, mutators});
  await assertRecovered(here, client, old, pushes);

  // Once the recovery is confirmed, the old group is not sent any more.
  await client.close();
  const later = here.proxy.record('push');
  const next = here.client('alice', {name, mutators});
  await makeCounter(next);
  assert.deepEqual(later().filter(({body}) => body.clientGroupID === old.group), []);
});

test('a new schema version: pushes of the old one are still accepted', async t => {
  const here = await scene(t, server);
  const name = newID();
  const old = await interrupted(here, {name, schemaVersion: '0'});
  const pushes = here.proxy.record('push');
  const client = here.client('alice', {name, schemaVersion: '1'});
  const recovering = await assertRecovered(here, client, old, pushes);
  assert.equal(recovering[0].body.schemaVersion, '0');
});

test('the same version: the next session sends what the last one could not', async t => {
  const here = await scene(t, server);
  const name = newID();
  const old = await interrupted(here, {name});
  const client = here.client('alice', {name});
  assert.equal(await client.rep.clientGroupID, old.group);
  await client.pullUntil(() => client.get(`todo/${old.todoID}`), 'the old work is there');
  await here.assertConverged(client);
  assert.equal((await client.get(`todo/${old.todoID}`)).sort, 1 + 5);
  assert.equal((await here.lmids(client))[old.clientID], 7);
});

test('a schema version that nobody serves asks for an update, and keeps the work', async t => {
  const here = await scene(t, server);
  const client = here.client('alice', {schemaVersion: '99'});
  await client.mutate.createList({id: newID(), name: 'from the future'});
  await until(() => client.updateNeeded.length > 0, 'the client is told');
  assert.equal(client.updateNeeded[0].type, 'VersionNotSupported');
  assert.equal(await client.pending(), 1);
  assert.equal(client.stateNotFound, 0);
});

test('401: the client signs in again and goes on', async t => {
  const here = await scene(t, server);
  const alice = here.client('alice', {auth: 'Bearer nobody'});
  let asked = 0;
  alice.rep.getAuth = () => {
    asked++;
    return `Bearer ${alice.user}`;
  };
  const {key} = await makeCounter(alice);
  await here.assertConverged(alice);
  assert.equal((await alice.get(key)).sort, 1);
  assert.ok(asked > 0 && asked <= 3, `asked ${asked} times`);
  await here.assertBooked(alice, 2);
});

test('401 while signed out keeps the work for the next login', async t => {
  const here = await scene(t, server);
  const alice = here.client('alice', {auth: ''});
  const statuses = here.proxy.record('push');
  const [listID, todoID] = [newID(), newID()];
  await alice.mutate.createList({id: listID, name: 'signed out'});
  await alice.mutate.createTodo({id: todoID, listID, text: 'kept', completed: false});
  await until(() => statuses().some(({status}) => status === 401), 'the push is refused');
  assert.equal(await alice.pending(), 2);

  alice.rep.auth = `Bearer ${alice.user}`;
  await here.assertConverged(alice);
  assert.equal((await alice.get(`todo/${todoID}`)).text, 'kept');
  await here.assertBooked(alice, 2);
});
