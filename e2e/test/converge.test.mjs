// Clients that edit at the same moment end with one truth, and every effect is in it once.

import assert from 'node:assert/strict';
import {makeCounter, newID, only, scene, share} from '../lib/scene.mjs';
import {sharedServer, test} from '../lib/suite.mjs';
import {until} from '../lib/until.mjs';

const server = sharedServer();

test('two users editing at the same moment converge', async t => {
  const here = await scene(t, server);
  const [alice, bob] = [here.client('alice'), here.client('bob')];
  const {listID, todoID, key} = await makeCounter(alice);
  await share(alice, listID, bob.user);
  await bob.pullUntil(() => bob.get(key), 'bob sees the list of alice');

  const edits = async (client, by) => {
    for (let i = 0; i < 30; i++) {
      await client.mutate.moveTodo({id: todoID, by});
      await client.mutate.updateTodo({id: todoID, text: `${client.user} ${i}`, completed: i % 2 === 0});
      await client.mutate.createTodo({id: newID(), listID, text: `${client.user} new ${i}`, completed: false});
      if (i % 10 === 0) {
        await client.pull();
      }
    }
  };
  await Promise.all([edits(alice, 1), edits(bob, 1000)]);
  await here.assertConverged(alice, bob);

  const view = await alice.view();
  assert.equal(view[key].sort, 1 + 30 * 1 + 30 * 1000, 'every move counts once');
  assert.match(view[key].text, / 29$/, 'the last of two concurrent texts wins');
  const created = Object.values(view).filter(({text}) => /new/.test(text ?? ''));
  assert.equal(created.length, 60);
  assert.equal(new Set(created.map(({sort}) => sort)).size, 60, 'each has a place of its own');
  await here.assertBooked(alice, 3 + 90);
  await here.assertBooked(bob, 90);
});

test('three tabs of one browser share one client group and count as three clients', async t => {
  const here = await scene(t, server);
  const name = newID();
  const tabs = [1, 2, 3].map(() => here.client('alice', {name}));
  const groups = new Set(await Promise.all(tabs.map(tab => tab.rep.clientGroupID)));
  assert.equal(groups.size, 1);
  const {todoID, key} = await makeCounter(tabs[0]);
  await Promise.all(tabs.map(tab => tab.pullUntil(() => tab.get(key), 'the tab sees the todo')));

  await Promise.all(tabs.map(async (tab, i) => {
    for (let n = 0; n < 25; n++) {
      await tab.mutate.moveTodo({id: todoID, by: 100 ** i});
    }
  }));
  await here.assertConverged(...tabs);
  assert.equal((await tabs[0].get(key)).sort, 1 + 25 * (1 + 100 + 10000));
  await here.assertBooked(tabs[0], 2 + 25);
  await here.assertBooked(tabs[1], 25);
  await here.assertBooked(tabs[2], 25);
});

test('a poke brings a change to another user, without polling', async t => {
  const here = await scene(t, server);
  const [alice, bob] = [here.client('alice'), here.client('bob')];
  const {listID, todoID, key} = await makeCounter(alice);
  await share(alice, listID, bob.user);
  await bob.pullUntil(() => bob.get(key), 'bob sees the list of alice');

  const pokes = await listen(t, here, bob);
  await bob.pull();
  await alice.mutate.moveTodo({id: todoID, by: 7});
  await until(async () => (await bob.get(key)).sort === 8, 'bob sees the move');
  assert.ok(pokes.count > 0);
  await until(async () => (await alice.pull(), await alice.pending()) === 0, 'alice gets it confirmed');
});

test('the content of notes arrives as it was sent', async t => {
  const here = await scene(t, server);
  const [alice, other] = [here.client('alice'), here.client('alice')];
  const {listID} = await makeCounter(alice);
  const values = {
    null: null,
    empty: {},
    array: [[], [[null]], 0],
    false: false,
    text: '\u0001 "\\ / é e\u0301 \ufb01 \u{1f600} \u2028',
    long: 'x'.repeat(100_000),
    numbers: [1e21, 5e-324, 2 ** 53, -1.5, 1e-7],
    keys: {'': 1, ' ': 2, 'ä/~': 3, __proto__x: 4, b: 1, a: 2},
    deep: JSON.parse('['.repeat(200) + ']'.repeat(200)),
  };
  const ids = {};
  for (const [name, value] of Object.entries(values)) {
    ids[name] = `${name}-${newID()}`;
    await alice.mutate.putNote({id: ids[name], listID, value});
  }
  await here.assertConverged(alice, other);
  for (const [name, value] of Object.entries(values)) {
    assert.deepEqual((await other.get(`note/${ids[name]}`)).value, value, name);
  }
});

test('ids and texts that databases and languages read as something else', async t => {
  const here = await scene(t, server);
  const [alice, other] = [here.client('alice'), here.client('alice')];
  const {listID, key} = await makeCounter(alice);
  const texts = [
    'é', 'e\u0301', '\u{1f600}', '\uff5e', '\ue000', 'İı', "it's", '"quoted"', "'; drop table todo; --", '%_', '\\', '\\u0000',
    '${x}', ':name', '?', '{}', ' ', 'a/b', 'null', '__proto__', 'constructor', '0', '-0', '1e400', 'x'.repeat(500),
  ];
  const tag = newID();
  const id = text => `${text}${tag}`;
  for (const text of texts) {
    await alice.mutate.createTodo({id: id(text), listID, text: `_${text}`, completed: false});
  }
  await here.assertConverged(alice, other);
  for (const text of texts) {
    assert.equal((await other.get(`todo/${id(text)}`))?.text, `_${text}`, JSON.stringify(text));
  }
  const keys = (await other.rep.query(tx => tx.scan({prefix: 'todo/'}).keys().toArray())).filter(k => k.endsWith(tag));
  assert.equal(keys.length, texts.length, 'no two of them are one');

  for (const text of texts) {
    await other.mutate.updateTodo({id: id(text), completed: true});
    await other.mutate.deleteTodo({id: id(text)});
  }
  await here.assertConverged(other, alice);
  assert.deepEqual(Object.keys(await alice.view()).filter(k => k.endsWith(tag)), [], 'all are gone');
  assert.equal((await alice.get(key)).sort, 1, 'and nothing else');
});

test('what a database cannot store is refused or arrives, and what follows is done', async t => {
  const here = await scene(t, server);
  const [alice, other] = [here.client('alice'), here.client('alice')];
  const {listID, todoID, key} = await makeCounter(alice);
  const made = [];
  for (const text of ['a\u0000b', '\ud800', 'x\udc00\ud800']) {
    const todo = {id: newID(), listID, text, completed: false};
    made.push(todo);
    await alice.mutate.createTodo(todo);
    await alice.mutate.createTodo({...todo, id: `${text}${newID()}`, text: 'an id of that kind'});
    await alice.mutate.moveTodo({id: todoID, by: 1});
  }
  await here.assertConverged(alice, other);
  assert.equal((await other.get(key)).sort, 1 + made.length);
  for (const {id, text} of made) {
    assert.ok([undefined, text].includes((await other.get(`todo/${id}`))?.text), `${JSON.stringify(text)} is not altered`);
  }
  await here.assertBooked(alice, 2 + 3 * made.length);
});

test('who sees what: everybody in the space', {skip: only('global', 'space')}, async t => {
  const here = await scene(t, server);
  const [alice, bob] = [here.client('alice'), here.client('bob')];
  const {key} = await makeCounter(alice);
  await bob.pullUntil(() => bob.get(key), 'bob sees the list of alice');
});

test('who sees what: nobody in another space', {skip: only('space')}, async t => {
  const [here, there] = [await scene(t, server), await scene(t, server)];
  const [alice, bob] = [here.client('alice'), there.client('bob')];
  const {key} = await makeCounter(alice);
  await makeCounter(bob);
  assert.equal(await bob.get(key), undefined);
  await here.assertConverged(alice);
  await there.assertConverged(bob);
});

test('who sees what: the owner, and others while the list is shared', {skip: only('row-version')}, async t => {
  const here = await scene(t, server);
  const [alice, bob] = [here.client('alice'), here.client('bob')];
  const {listID, todoID, key} = await makeCounter(alice);
  await bob.pull();
  assert.deepEqual(await bob.view(), {});

  const id = newID();
  await alice.mutate.createShare({id, listID, userID: bob.user});
  await alice.settle();
  await bob.pullUntil(() => bob.get(key), 'bob sees the list of alice');
  await bob.mutate.moveTodo({id: todoID, by: 4});
  await here.assertConverged(alice, bob);
  assert.equal((await alice.get(key)).sort, 5);

  await alice.mutate.deleteShare({id});
  await alice.settle();
  await bob.pull();
  assert.deepEqual(await bob.view(), {}, 'what is not shared any more is gone');
  await here.assertConverged(alice, bob);
});

test('a window leaves completed todos on the server', {skip: only('row-version')}, async t => {
  const here = await scene(t, server);
  const alice = here.client('alice');
  const {listID, todoID, key} = await makeCounter(alice);
  await alice.mutate.createTodo({id: newID(), listID, text: 'stays', completed: false});
  await alice.mutate.updateTodo({id: todoID, completed: true});
  const profileID = await alice.rep.profileID;

  await alice.mutate.setWindow({profileID, showCompleted: false, limit: null});
  await alice.settle();
  await alice.pullUntil(async () => !(await alice.get(key)), 'the completed todo is gone');
  assert.equal(Object.keys(await alice.view()).filter(k => k.startsWith('todo/')).length, 1);

  await alice.mutate.setWindow({profileID, showCompleted: true, limit: null});
  await alice.settle();
  await alice.pullUntil(() => alice.get(key), 'the completed todo is back');
});

/** Pulls on every poke, as the page does. */
async function listen(t, here, client) {
  const stop = new AbortController();
  t.after(() => stop.abort());
  const url = `${here.proxy.url}/api/replicache/poke?${new URLSearchParams({space: here.space, user: client.user})}`;
  const response = await fetch(url, {signal: stop.signal});
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type'), /^text\/event-stream/);
  const pokes = {count: 0};
  (async () => {
    let text = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const events = text.split(/\r?\n\r?\n/);
      text = events.pop();
      for (const event of events.filter(e => /^event: ?poke$/m.test(e))) {
        assert.match(event, /^data: ?\{\}$/m);
        pokes.count++;
        client.rep.pull().catch(() => {});
      }
    }
  })().catch(() => {}); // aborted at the end of the test
  return pokes;
}
