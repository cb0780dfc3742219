// A server that stops, or is killed in the middle of its work, forgets nothing that it acknowledged.

import assert from 'node:assert/strict';
import {mutation, viewOf} from '../lib/http.mjs';
import {cut} from '../lib/proxy.mjs';
import {makeCounter, newID, scene} from '../lib/scene.mjs';
import {lastingDatabase, startServer} from '../lib/server.mjs';
import {test} from '../lib/suite.mjs';
import {until} from '../lib/until.mjs';

/** A server that the test may end and start again on the same database. */
async function restartable(t) {
  const database = await lastingDatabase(t);
  const holder = await startServer({database});
  let current = holder;
  t.after(() => current.kill());
  return {
    url: holder.url,
    stop: () => current.stop(),
    kill: () => current.kill(),
    async startAgain(here) {
      current = await startServer({database});
      here.proxy.target = current.url;
    },
  };
}

test('a server that is stopped and started again continues where it was', async t => {
  const server = await restartable(t);
  const here = await scene(t, server);
  const [alice, other] = [here.client('alice'), here.client('alice')];
  const {listID, todoID, key} = await makeCounter(alice);
  await other.pullUntil(() => other.get(key), 'the second client sees the todo');
  const before = await alice.view();

  const {code, signal} = await server.stop();
  assert.ok(code === 0 || code === 143 || signal === 'SIGTERM', `a clean stop, not ${code ?? signal}`);
  await alice.mutate.moveTodo({id: todoID, by: 10});
  await alice.mutate.createTodo({id: newID(), listID, text: 'while it was down', completed: false});

  here.proxy.always('push', cut); // so that alice is not the first
  await server.startAgain(here);
  await other.pull();
  assert.deepEqual(await other.view(), before, 'an old cookie still works');
  here.proxy.heal();
  alice.rep.push({now: true});
  await here.assertConverged(alice, other);
  assert.equal((await other.get(key)).sort, 11);
  await here.assertBooked(alice, 4);
  assert.deepEqual([alice.stateNotFound, other.stateNotFound], [0, 0]);
});

test('kill -9 in the middle of 200 pushes of a client', async t => {
  const server = await restartable(t);
  const here = await scene(t, server);
  const alice = here.client('alice', {pushDelay: 0});
  const {todoID, key} = await makeCounter(alice);
  const pushes = here.proxy.record('push');

  let killed;
  for (let i = 0; i < 200; i++) {
    await alice.mutate.moveTodo({id: todoID, by: 1});
    if (i === 100) {
      killed = server.kill();
    } else if (!killed && i % 5 === 4) {
      const sent = pushes().length;
      await until(() => pushes().length > sent, 'the client goes on pushing');
    }
  }
  await killed;
  assert.ok(pushes().some(({status}) => status === 200), 'the server was at work');
  assert.ok(await alice.pending() > 0);

  await server.startAgain(here);
  await alice.rep.push({now: true}).catch(() => {});
  await here.assertConverged(alice);
  assert.equal((await alice.get(key)).sort, 1 + 200, 'every move counts once');
  await here.assertBooked(alice, 2 + 200);
  assert.equal(alice.stateNotFound, 0);
});

test('kill -9 in the middle of 200 pushes of four clients loses nothing acknowledged', async t => {
  const server = await restartable(t);
  const here = await scene(t, server);
  const wire = here.wire('alice');
  const [setUp, list, todo] = [newID(), newID(), newID()];
  const made = await wire.push([
    mutation(setUp, 1, 'createList', {id: list, name: 'counter'}),
    mutation(setUp, 2, 'createTodo', {id: todo, listID: list, text: 'counts', completed: false}),
  ]);
  assert.equal(made.status, 200);

  const moves = Array.from({length: 4}, () => {
    const clientID = newID();
    const all = Array.from({length: 50}, (_, i) => mutation(clientID, i + 1, 'moveTodo', {id: todo, by: 1}));
    return {clientID, all, acknowledged: 0};
  });
  const acknowledged = () => moves.reduce((sum, client) => sum + client.acknowledged, 0);
  const pushing = moves.map(async client => {
    for (const one of client.all) {
      const {status} = await wire.push([one]);
      assert.equal(status, 200);
      client.acknowledged = one.id;
    }
  });
  const ended = Promise.allSettled(pushing);
  await until(() => acknowledged() >= 60, 'the server is at work');
  await server.kill();
  await ended;
  assert.ok(acknowledged() < 200, 'the server died at work');

  await server.startAgain(here);
  const again = here.wire('alice', {group: wire.group});
  const {json} = await again.pull();
  const booked = moves.map(({clientID}) => json.lastMutationIDChanges[clientID] ?? 0);
  moves.forEach((client, i) => assert.ok(booked[i] >= client.acknowledged, 'what was acknowledged is there'));
  const sum = booked.reduce((a, b) => a + b, 0);
  assert.equal(viewOf({json})[`todo/${todo}`].sort, 1 + sum, 'effects and booked mutations agree');

  // Like the client, send everything from the start again.
  for (const {all} of moves) {
    assert.equal((await again.push(all)).status, 200);
  }
  assert.equal(viewOf(await again.pull())[`todo/${todo}`].sort, 1 + 200, 'every move counts once');
});
