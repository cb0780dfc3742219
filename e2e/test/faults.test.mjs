// Whatever the network does between client and server, every effect is there once.

import assert from 'node:assert/strict';
import {after, answer, cut, loseResponse, multiply, together, truncateResponse} from '../lib/proxy.mjs';
import {makeCounter, newID, scene} from '../lib/scene.mjs';
import {sharedServer, test} from '../lib/suite.mjs';
import {until} from '../lib/until.mjs';

const server = sharedServer();

/** A test on a counter: `play` moves its todo by `by` in total with `count` mutations of the first client. */
function counting(what, play) {
  test(what, async t => {
    const here = await scene(t, server);
    const alice = here.client('alice');
    const counter = await makeCounter(alice);
    const {by, count, clients = []} = await play({here, alice, ...counter});
    await here.assertConverged(alice, ...clients);
    assert.equal((await alice.get(counter.key)).sort, 1 + by, 'every move counts once');
    await here.assertBooked(alice, 2 + count);
  });
}

async function move(client, todoID, times) {
  for (let i = 0; i < times; i++) {
    await client.mutate.moveTodo({id: todoID, by: 1});
  }
}

counting('the answer to a push is lost', async ({here, alice, todoID}) => {
  const pushes = here.proxy.record('push');
  here.proxy.next('push', loseResponse, loseResponse, loseResponse);
  await move(alice, todoID, 10);
  await until(() => pushes().at(-1)?.status === 200, 'a push comes through');
  assert.equal(pushes().filter(({status}) => status === 'cut').length, 3);
  return {by: 10, count: 10};
});

counting('the answer to a pull is lost, or half of it', async ({here, alice, todoID}) => {
  await move(alice, todoID, 5);
  const pulls = here.proxy.record('pull');
  here.proxy.next('pull', loseResponse, truncateResponse, loseResponse, truncateResponse);
  await alice.settle();
  assert.equal(pulls().filter(({status}) => status === 'cut').length, 4);
  await move(alice, todoID, 5);
  return {by: 10, count: 10};
});

counting('a push never arrives', async ({here, alice, todoID}) => {
  here.proxy.next('push', cut, cut);
  await move(alice, todoID, 10);
  return {by: 10, count: 10};
});

counting('the server gets a push twice at the same moment', async ({here, alice, todoID}) => {
  here.proxy.always('push', multiply(2));
  await move(alice, todoID, 20);
  return {by: 20, count: 20};
});

counting('the server gets a push eight times at the same moment', async ({here, alice, todoID}) => {
  here.proxy.next('push', multiply(8), multiply(8), multiply(8));
  await move(alice, todoID, 20);
  return {by: 20, count: 20};
});

test('the first push of a new client group arrives eight times at the same moment', async t => {
  const here = await scene(t, server);
  const alice = here.client('alice');
  const [listID, todoID] = [newID(), newID()];
  const pushes = here.proxy.record('push');
  here.proxy.always('push', multiply(8));
  await alice.mutate.createList({id: listID, name: 'first'});
  await alice.mutate.createTodo({id: todoID, listID, text: 'first', completed: false});
  await move(alice, todoID, 3);
  await here.assertConverged(alice);
  assert.equal((await alice.get(`todo/${todoID}`)).sort, 1 + 3);
  await here.assertBooked(alice, 5);
  assert.ok(pushes().every(({status}) => status === null || status === 200), 'a duplicate is no error');
});

counting('an old push arrives after newer ones', async ({here, alice, todoID}) => {
  let release;
  const released = new Promise(resolve => (release = resolve));
  // The late request goes its own way, while the client is told that it failed and sends everything again.
  let late;
  here.proxy.next('push', async exchange => {
    late = released.then(() => exchange.forward());
    exchange.cut();
  });
  await move(alice, todoID, 5);
  await alice.settle();
  await move(alice, todoID, 5);
  await alice.settle();
  release();
  assert.equal((await late).status, 200);
  return {by: 10, count: 10};
});

counting('two tabs push the same mutations at the same moment', async ({here, alice, todoID, key}) => {
  const name = newID();
  const [left, right] = [here.client('alice', {name}), here.client('alice', {name})];
  await Promise.all([left, right].map(tab => tab.pullUntil(() => tab.get(key), 'the tab sees the todo')));

  // Tabs exchange what they hold through their store; without a server the other tab comes to hold it as well.
  here.proxy.goOffline();
  await move(left, todoID, 10);
  await move(right, todoID, 10);
  const holdsAll = async tab => (await tab.pending()) === 20;
  await until(async () => (await holdsAll(left)) && (await holdsAll(right)), 'both tabs hold both tabs’ mutations');

  here.proxy.heal();
  const pushes = here.proxy.record('push');
  const pass = after(together(2));
  // A push that a tab began before it held everything may arrive only now.
  here.proxy.always('push', exchange => (exchange.body.mutations.length === 20 ? pass : cut)(exchange));
  left.rep.push({now: true});
  right.rep.push({now: true});
  const through = () => pushes().filter(({status}) => status === 200);
  await until(() => through().length >= 2, 'both are pushed');
  for (const {body} of through()) {
    assert.equal(new Set(body.mutations.map(({clientID}) => clientID)).size, 2);
  }
  here.proxy.heal();
  await here.assertConverged(left, right);
  await here.assertBooked(left, 10);
  await here.assertBooked(right, 10);
  return {by: 20, count: 0, clients: [left, right]};
});

counting('two pulls with one cookie, whose answers arrive in the other order', async ({here, alice, todoID, key}) => {
  const name = newID();
  const [left, right] = [here.client('alice', {name}), here.client('alice', {name})];
  await Promise.all([left, right].map(tab => tab.pullUntil(() => tab.get(key), 'the tab sees the todo')));
  let release;
  let held = 0;
  const released = new Promise(resolve => (release = resolve));
  here.proxy.always('pull', async exchange => {
    const answer = await exchange.forward();
    if (exchange.clientID === left.rep.clientID) {
      held++;
      await released;
    }
    exchange.reply(answer);
  });
  const slow = left.rep.pull({now: true});
  await until(() => held > 0, 'the answer to a pull is held');
  await move(alice, todoID, 3);
  await alice.settle();
  await right.pullUntil(async () => (await right.get(key)).sort === 4, 'the other tab is not held up');
  release();
  await slow;
  return {by: 3, count: 3, clients: [left, right]};
});

counting('errors of the server are retried, each time later', async ({here, alice, todoID}) => {
  const pushes = here.proxy.record('push');
  const start = performance.now();
  here.proxy.next('push', answer(500), answer(502), answer(503, '<html>busy</html>'), answer(503), answer(504));
  await move(alice, todoID, 1);
  await until(() => pushes().at(-1)?.status === 200, 'a push comes through');
  assert.deepEqual(pushes().map(({status}) => status), [500, 502, 503, 503, 504, 200]);
  // The client waits 30 ms and then twice as long each time: a slow machine makes it more, never less.
  const took = pushes().at(-1).at - start;
  assert.ok(took > 30 + 60 + 120 + 240 + 400, `the client backs off: ${Math.round(took)} ms`);
  return {by: 1, count: 1};
});

counting('a bad day: faults of all kinds on every second request', async ({here, alice, todoID, key}) => {
  const faults = [loseResponse, cut, multiply(3), answer(503), truncateResponse, answer(500), multiply(2)];
  let n = 0;
  const sometimes = async exchange => {
    const fault = n++ % 2 ? faults[(n >> 1) % faults.length] : null;
    return fault ? fault(exchange) : exchange.reply(await exchange.forward());
  };
  here.proxy.always('push', sometimes);
  here.proxy.always('pull', sometimes);
  const bob = here.client('alice');
  await bob.pullUntil(() => bob.get(key), 'the second client sees the todo');
  for (let i = 0; i < 10; i++) {
    await move(alice, todoID, 3);
    await move(bob, todoID, 3);
    await Promise.all([alice, bob].map(client => client.rep.pull({now: true}).catch(() => {})));
  }
  await Promise.all([alice.settle(), bob.settle(30_000)]);
  here.proxy.heal();
  return {by: 60, count: 30, clients: [bob]};
});
