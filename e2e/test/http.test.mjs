// The answers as they are on the wire, where the client would hide what is wrong with them.

import assert from 'node:assert/strict';
import {mutation, send, viewOf} from '../lib/http.mjs';
import {newID, scene} from '../lib/scene.mjs';
import {STRATEGY} from '../lib/server.mjs';
import {sharedServer, test} from '../lib/suite.mjs';

const server = sharedServer();

/** A wire whose client has made a list and a todo. */
async function started(t) {
  const here = await scene(t, server);
  const wire = here.wire('alice');
  const [clientID, listID, todoID] = [newID(), newID(), newID()];
  const next = (id, name, args) => mutation(clientID, id, name, args);
  const answer = await wire.push([
    next(1, 'createList', {id: listID, name: 'a list'}),
    next(2, 'createTodo', {id: todoID, listID, text: 'a todo', completed: false}),
  ]);
  assert.equal(answer.status, 200);
  const sort = async () => viewOf(await wire.pull())[`todo/${todoID}`]?.sort;
  const lmid = async () => (await wire.pull()).json.lastMutationIDChanges[clientID];
  return {here, wire, clientID, listID, todoID, next, sort, lmid};
}

test('a pull has cookie, lastMutationIDChanges and patch, always', async t => {
  const {wire, clientID} = await started(t);
  const first = await wire.pull();
  assert.equal(first.status, 200);
  assert.match(first.headers['content-type'], /^application\/json/);
  assert.deepEqual(Object.keys(first.json).sort(), ['cookie', 'lastMutationIDChanges', 'patch']);
  assert.equal(first.json.lastMutationIDChanges[clientID], 2);
  assert.ok(first.json.patch.every(({op}) => op === 'put' || op === 'clear'), 'nothing to delete at first');

  const again = await wire.pull(first.json.cookie);
  assert.deepEqual(again.json, {cookie: first.json.cookie, lastMutationIDChanges: {}, patch: []});
});

test('a first pull of an empty space has a cookie', async t => {
  const here = await scene(t, server);
  const {json} = await here.wire('alice').pull();
  assert.notEqual(json.cookie, null);
  assert.deepEqual(json.lastMutationIDChanges, {});
});

test('nobody: no header and an unknown user are 401, on every endpoint', async t => {
  const here = await scene(t, server);
  for (const authorization of [undefined, '', 'Bearer', 'Bearer nobody']) {
    const headers = authorization === undefined ? {} : {authorization};
    for (const endpoint of ['push', 'pull']) {
      const body = {clientGroupID: 'g', profileID: 'p', schemaVersion: '1', mutations: [], cookie: null, pushVersion: 1, pullVersion: 1};
      const {status} = await send(`${server.url}/api/replicache/${endpoint}?space=${here.space}`, {headers, body});
      assert.equal(status, 401, `${endpoint} with ${authorization}`);
    }
  }
  const poke = await send(`${server.url}/api/replicache/poke?space=${here.space}`, {method: 'GET'});
  assert.equal(poke.status, 401);
});

test('the client group of another user is 403, and nothing is run', async t => {
  const {here, wire, clientID, todoID, sort, lmid} = await started(t);
  const mallory = here.wire('mallory', {group: wire.group});
  const push = await mallory.push([mutation(clientID, 3, 'moveTodo', {id: todoID, by: 100})]);
  assert.equal(push.status, 403);
  assert.equal((await mallory.pull()).status, 403);
  assert.equal(await sort(), 1);
  assert.equal(await lmid(), 2);
  const own = await wire.push([mutation(clientID, 3, 'moveTodo', {id: todoID, by: 1})]);
  assert.equal(own.status, 200, 'the group still is its owner’s');
  assert.equal(await sort(), 2);
});

test('a client of another group is refused and does not move', async t => {
  const {here, clientID, todoID, sort, lmid} = await started(t);
  const other = here.wire('alice');
  const {status, json} = await other.push([mutation(clientID, 3, 'moveTodo', {id: todoID, by: 100})]);
  assert.notEqual(status, 401);
  assert.ok(status !== 200 || json?.error, `${status} must not confirm it`);
  assert.equal(await sort(), 1);
  assert.equal(await lmid(), 2);
});

test('schema versions: served, accepted in pushes, and unknown', async t => {
  const here = await scene(t, server);
  for (const schemaVersion of ['', '1']) {
    const wire = here.wire('alice', {schemaVersion});
    const {status, json} = await wire.push([mutation(newID(), 1, 'createList', {id: newID(), name: 'served'})]);
    assert.deepEqual([status, json?.error], [200, undefined]);
    assert.ok((await wire.pull()).json.cookie);
  }
  const old = here.wire('alice', {schemaVersion: '0'});
  const id = newID();
  const {status, json} = await old.push([mutation(newID(), 1, 'createList', {id, name: 'of the old version'})]);
  assert.deepEqual([status, json?.error], [200, undefined], 'an old version is still accepted');
  assert.equal(viewOf(await here.wire('alice').pull())[`list/${id}`].name, 'of the old version');

  const unknown = here.wire('alice', {schemaVersion: '99'});
  for (const answer of [await unknown.push([mutation(newID(), 1, 'createList', {id: newID(), name: 'x'})]), await unknown.pull()]) {
    assert.equal(answer.status, 200, 'with another status the client would not read it');
    assert.equal(answer.json.error, 'VersionNotSupported');
  }
  const oldPull = await old.pull();
  assert.deepEqual([oldPull.status, oldPull.json.error], [200, 'VersionNotSupported']);
});

test('a gap inside a push stops that client there, and is 503', async t => {
  const {wire, next, todoID, sort, lmid} = await started(t);
  const other = newID();
  const {status} = await wire.push([
    next(3, 'moveTodo', {id: todoID, by: 1}),
    next(5, 'moveTodo', {id: todoID, by: 1000}),
    mutation(other, 1, 'moveTodo', {id: todoID, by: 20}),
  ]);
  assert.equal(status, 503);
  assert.equal(await sort(), 1 + 1 + 20, 'the other client’s mutation is processed');
  assert.equal(await lmid(), 3);
});

test('a client whose lowest id is above what the server knows gets ClientStateNotFound', async t => {
  const {wire, next, todoID, sort, lmid} = await started(t);
  const other = newID();
  for (const first of [next(4, 'moveTodo', {id: todoID, by: 1000}), mutation(newID(), 58, 'moveTodo', {id: todoID, by: 1000})]) {
    const {status, json} = await wire.push([first, mutation(other, 1, 'moveTodo', {id: todoID, by: 20})]);
    assert.equal(status, 200, 'with another status the client would not read it');
    assert.deepEqual(json, {error: 'ClientStateNotFound'});
  }
  assert.equal(await sort(), 1 + 20, 'the other client’s mutation is processed, once');
  assert.equal(await lmid(), 2);
});

test('duplicates, in one push and over pushes, are processed once and are 200', async t => {
  const {wire, next, todoID, sort, lmid} = await started(t);
  const move = next(3, 'moveTodo', {id: todoID, by: 1});
  assert.equal((await wire.push([move, move, next(4, 'moveTodo', {id: todoID, by: 1})])).status, 200);
  const {cookie} = (await wire.pull()).json;
  assert.equal((await wire.push([move])).status, 200);
  assert.equal((await wire.push([])).status, 200);
  assert.equal(await sort(), 3);
  assert.equal(await lmid(), 4);
  if (STRATEGY !== 'row-version') {
    assert.deepEqual((await wire.pull(cookie)).json.cookie, cookie, 'no version for nothing');
  }
});

test('a mutation without effect is confirmed with a new cookie', async t => {
  const {wire, next, listID, clientID} = await started(t);
  const {cookie} = (await wire.pull()).json;
  await wire.push([next(3, 'createTodo', {id: newID(), listID, text: '', completed: false})]);
  const {json} = await wire.pull(cookie);
  assert.notDeepEqual(json.cookie, cookie);
  assert.deepEqual([json.patch, json.lastMutationIDChanges], [[], {[clientID]: 3}]);
});

test('a cookie from elsewhere gives the whole view and a higher cookie', async t => {
  const {wire, todoID} = await started(t);
  for (const cookie of [1234, 'abc', {order: 10 ** 9}, {order: 7.5, v: 3}]) {
    const {status, json} = await wire.pull(cookie);
    assert.equal(status, 200);
    assert.equal(json.patch[0]?.op, 'clear');
    assert.ok(viewOf({json})[`todo/${todoID}`]);
    const [before, now] = [cookie.order ?? cookie, json.cookie.order ?? json.cookie];
    const strings = typeof before === 'string' || typeof now === 'string';
    assert.ok(strings ? String(now) > String(before) : now > before, `${JSON.stringify(json.cookie)} after ${JSON.stringify(cookie)}`);
  }
});

test('a body that is no push or pull is 400, and runs nothing', async t => {
  const {here, wire, next, todoID, sort} = await started(t);
  const headers = {authorization: `Bearer ${here.user('alice')}`, 'content-type': 'application/json'};
  for (const body of ['', '{', '[]', '{"pushVersion":1}', 'null']) {
    const {status} = await send(`${server.url}/api/replicache/push?space=${here.space}`, {headers, body});
    assert.equal(status, 400, JSON.stringify(body));
  }
  const mixed = await wire.push([next(3, 'moveTodo', {id: todoID, by: 1}), {clientID: 7, id: 'x'}]);
  assert.equal(mixed.status, 400);
  assert.equal(await sort(), 1);
});

test('answers above 1 KB are gzipped for those who accept it', async t => {
  const {wire, next, listID} = await started(t);
  await wire.push([next(3, 'createTodo', {id: newID(), listID, text: 'long '.repeat(1000), completed: false})]);
  const plain = await wire.pull();
  const zipped = await wire.pull(null, {headers: {'accept-encoding': 'gzip'}});
  assert.equal(plain.headers['content-encoding'], undefined);
  assert.equal(zipped.headers['content-encoding'], 'gzip');
  assert.ok(zipped.bytes.length < plain.bytes.length / 2);
  assert.deepEqual(viewOf(zipped), viewOf(plain));

  const small = await wire.pull(zipped.json.cookie, {headers: {'accept-encoding': 'gzip'}});
  assert.equal(small.headers['content-encoding'], undefined, 'not worth it');
});

test('healthz, the page, and addresses that do not exist', async () => {
  assert.equal((await send(`${server.url}/healthz`, {method: 'GET'})).status, 200);
  const page = await send(`${server.url}/`, {method: 'GET'});
  assert.equal(page.status, 200);
  assert.match(page.headers['content-type'], /^text\/html/);
  assert.match(page.text, /<title>Replisync todo<\/title>/);
  for (const path of ['/nothing-here', '/api/replicache/nothing', '/../pom.xml', '/%2e%2e/pom.xml']) {
    assert.ok((await send(server.url + path, {method: 'GET'})).status >= 400, path);
  }
});
