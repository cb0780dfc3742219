// What the server refuses leaves nothing behind, is rolled back in the client, and does not hold up what follows.

import assert from 'node:assert/strict';
import {assertSameView, makeCounter, newID, only, scene} from '../lib/scene.mjs';
import {sharedServer, test} from '../lib/suite.mjs';

const server = sharedServer();

// These clients believe whatever they are told; only the server knows the rules.
const put = prefix => (tx, args) => tx.set(prefix + args.id, args);
const credulous = {
  createList: (tx, {id, name}) => tx.set(`list/${id}`, {id, name, ownerID: 'me'}),
  deleteList: (tx, {id}) => tx.del(`list/${id}`),
  createTodo: put('todo/'),
  createShare: put('share/'),
  moveTodo: () => {},
  importTodos: async (tx, {todos}) => {
    for (const todo of todos) {
      await tx.set(`todo/${todo.id}`, todo);
    }
  },
  noSuchMutator: () => {},
};

test('a blank text is rolled back and later mutations go on', async t => {
  const here = await scene(t, server);
  const alice = here.client('alice');
  const {listID, todoID, key} = await makeCounter(alice);
  const [blank, long, longest, good] = [newID(), newID(), newID(), newID()];

  await alice.mutate.createTodo({id: blank, listID, text: ' \t\n', completed: false});
  await alice.mutate.moveTodo({id: todoID, by: 5});
  await alice.mutate.createTodo({id: long, listID, text: 'x'.repeat(10_001), completed: false});
  await alice.mutate.createTodo({id: longest, listID, text: 'x'.repeat(10_000), completed: false});
  await alice.mutate.createTodo({id: good, listID, text: 'good', completed: true});
  assert.ok(await alice.get(`todo/${blank}`), 'shown at once');
  assert.ok(await alice.get(`todo/${long}`), 'shown at once');

  await here.assertConverged(alice);
  assert.equal(await alice.get(`todo/${blank}`), undefined, 'rolled back');
  assert.equal(await alice.get(`todo/${long}`), undefined, 'rolled back');
  assert.equal((await alice.get(`todo/${longest}`)).text.length, 10_000);
  assert.equal((await alice.get(key)).sort, 6);
  assert.equal((await alice.get(`todo/${good}`)).completed, true);
  await here.assertBooked(alice, 2 + 5);
});

test('every rule of the contract is the server’s, whatever the client believes', async t => {
  const here = await scene(t, server);
  const [alice, mallory] = [here.client('alice'), here.client('mallory', {mutators: credulous})];
  const {listID, todoID} = await makeCounter(alice);
  await alice.mutate.createShare({id: newID(), listID, userID: mallory.user});
  await alice.settle();
  await mallory.pullUntil(() => mallory.get(`list/${listID}`), 'mallory sees the list of alice');
  const before = await here.freshView('alice');

  const wrong = {
    'a list whose id is taken': ['createList', {id: listID, name: 'mine now'}],
    'deleting somebody else’s list': ['deleteList', {id: listID}],
    'a share of somebody else’s list': ['createShare', {id: newID(), listID, userID: mallory.user}],
    'a todo in no list': ['createTodo', {id: newID(), listID: newID(), text: 'lost', completed: false}],
    'a todo whose id is taken': ['createTodo', {id: todoID, listID, text: 'again', completed: false}],
    'moving a todo that is not there': ['moveTodo', {id: newID(), by: 1}],
    'arguments of another shape': ['moveTodo', {id: todoID, by: 'far'}],
    'no arguments': ['moveTodo', null],
    'an import with one blank text': ['importTodos', {listID, todos: [
      {id: newID(), text: 'fine', completed: false, sort: 7},
      {id: newID(), text: '', completed: false, sort: 8},
    ]}],
    'a mutator that does not exist': ['noSuchMutator', {}],
  };
  const mutations = Object.values(wrong);
  for (const [name, args] of mutations) {
    await mallory.mutate[name](args);
  }
  await here.assertConverged(mallory);
  assertSameView(await here.freshView('alice'), before, 'none has left a trace');
  await here.assertBooked(mallory, mutations.length);

  const own = newID();
  await mallory.mutate.createList({id: own, name: 'goes on'});
  await here.assertConverged(mallory);
  assert.equal((await mallory.get(`list/${own}`)).ownerID, mallory.user);
});

test('what a user does not see, a user cannot change', {skip: only('row-version')}, async t => {
  const here = await scene(t, server);
  const [alice, mallory] = [here.client('alice'), here.client('mallory', {mutators: credulous})];
  const {listID, todoID, key} = await makeCounter(alice);
  await mallory.mutate.moveTodo({id: todoID, by: 50});
  await mallory.mutate.createTodo({id: newID(), listID, text: 'intruding', completed: false});
  await here.assertConverged(alice, mallory);
  assert.equal((await alice.get(key)).sort, 1);
  assert.deepEqual(await mallory.view(), {});
  await here.assertBooked(mallory, 2);
});
