// What a test plays in: a space and users of its own, a proxy, and real Replicache clients.

import assert from 'node:assert/strict';
import {EventEmitter} from 'node:events';
import {setImmediate} from 'node:timers/promises';
import {isDeepStrictEqual} from 'node:util';
import {Replicache} from 'replicache';
import {ReplicacheImpl} from 'replicache/impl';
import {mutatorsFor} from '../../examples/todo/web/src/mutators.js';
import {wire} from './http.mjs';
import {idsOf, startProxy} from './proxy.mjs';
import {STRATEGY} from './server.mjs';
import {accountFor, until} from './until.mjs';

/** Replicache's own log is of no use in a passing test, and says the same as the proxy in a failing one. */
const QUIET = {logLevel: process.env.E2E_LOG ?? 'error', logSinks: process.env.E2E_LOG ? undefined : [{log() {}}]};

// As a browser has it; without it the client waits for a second before it stores anything or reads what other tabs stored.
globalThis.requestIdleCallback ??= callback => setTimeout(callback, 1);

// The client has some twelve listeners on one signal.
EventEmitter.defaultMaxListeners = 50;

export const newID = () => crypto.randomUUID();

/** Makes a scene on a server; everything in it is closed after the test. */
export async function scene(t, server) {
  const tag = newID().slice(0, 8);
  const proxy = await startProxy(server.url);
  const open = new Set();
  const closed = accountFor(async () => [...await Promise.all([...open].map(client => client.account())), proxy.account()].join('\n'));
  t.after(async () => {
    await Promise.all([...open].map(client => client.close()));
    await proxy.close();
    closed();
  });

  const here = {
    proxy,
    space: `space-${tag}`,
    /** A user whom no other test knows. */
    user: name => `${name}-${tag}`,

    /**
     * A client of a user. Clients of one `name` are tabs of one browser: they share the store and the client group.
     * `options` go to Replicache; `direct` goes past the proxy.
     */
    client(userName, {name = newID(), direct = false, schemaVersion = '1', ...options} = {}) {
      const user = here.user(userName);
      const client = clientOf({
        url: direct ? proxy.target : proxy.url, space: here.space, user, name, schemaVersion, options,
      });
      open.add(client);
      return client;
    },

    /** What a user sees who opens the application for the first time, asked of the server itself. */
    async freshView(userName) {
      const fresh = here.client(userName, {direct: true});
      await fresh.pull();
      const view = await fresh.view();
      await fresh.close();
      return view;
    },

    /** Asserts that clients, brought up to date, show what a fresh client of the same user shows. */
    async assertConverged(...clients) {
      for (const client of clients) {
        await client.settle();
      }
      for (const client of clients) {
        await client.pull();
        assertSameView(await client.view(), await here.freshView(client.userName), `the view of ${client.user}`);
      }
    },

    /** The LMIDs of a client's group, as the server has them. */
    async lmids(client) {
      const group = await client.rep.clientGroupID;
      const answer = await wire(proxy.target, {user: client.user, space: here.space, group}).pull();
      assert.equal(answer.status, 200);
      return answer.json.lastMutationIDChanges;
    },

    /** Asserts that the server has booked exactly `count` mutations of a client. */
    async assertBooked(client, count) {
      assert.equal((await here.lmids(client))[client.rep.clientID], count, 'the lastMutationID');
    },

    /** A wire of a user, past the proxy. */
    wire: (userName, options) => wire(proxy.target, {user: here.user(userName), space: here.space, ...options}),
  };

  function clientOf({url, space, user, name, schemaVersion, options}) {
    const at = endpoint => `${url}/api/replicache/${endpoint}?${new URLSearchParams({space})}`;
    const rep = new Replicache({
      name,
      schemaVersion,
      auth: `Bearer ${user}`,
      pushURL: at('push'),
      pullURL: at('pull'),
      pullInterval: null,
      kvStore: 'mem',
      mutators: mutatorsFor(user),
      ...QUIET,
      ...options,
    });
    // When it opens, the client pulls by itself. A pull that is asked for meanwhile ends with that one and has another one
    // follow, which would confirm mutations behind the test's back.
    const opened = new Promise(resolve => (rep.onSync = syncing => syncing || resolve())).then(() => setImmediate());
    const pull = () => opened.then(() => rep.pull({now: true}));
    rep.onClientStateNotFound = () => client.stateNotFound++;
    rep.onUpdateNeeded = reason => client.updateNeeded.push(reason);
    const client = {
      rep,
      name,
      user,
      userName: user.slice(0, -tag.length - 1),
      mutate: rep.mutate,
      stateNotFound: 0,
      updateNeeded: [],
      pending: async () => (await rep.experimentalPendingMutations()).length,
      get: key => rep.query(tx => tx.get(key)),
      view: async () => Object.fromEntries(await rep.query(tx => tx.scan().entries().toArray())),
      /** Pulls until one pull has succeeded. */
      pull: () => until(() => pull().then(() => true, () => false), 'a successful pull'),
      /** Waits until the server has confirmed everything. */
      settle: () => until(async () => {
        await pull().catch(() => {});
        return (await client.pending()) === 0;
      }, `all mutations of ${user} are confirmed`),
      /** Pulls until the client's data satisfies a condition. */
      pullUntil: (condition, what) => until(async () => {
        await pull().catch(() => {});
        return condition();
      }, what),
      async account() {
        const pending = idsOf(await rep.experimentalPendingMutations());
        return `client ${rep.clientID} of ${user}: ${rep.online ? 'online' : 'offline'}, ${rep.closed ? 'closed' : 'open'}, `
          + `told ${client.stateNotFound} times that its state is gone; pending: ${pending}`;
      },
      async close() {
        open.delete(client);
        if (!rep.closed) {
          await rep.close();
        }
      },
    };
    return client;
  }

  return here;
}

/** Asserts that two views are equal; where they are not, says it of the entries that differ and not of all. */
export function assertSameView(actual, expected, what) {
  const different = new Set();
  for (const key of [...Object.keys(actual), ...Object.keys(expected)]) {
    if (!isDeepStrictEqual(actual[key], expected[key])) {
      different.add(key);
    }
  }
  const part = view => Object.fromEntries([...different].slice(0, 5).map(key => [key, view[key]]));
  assert.deepEqual(part(actual), part(expected), `${what}: ${different.size} entries differ`);
}

/** A list with one todo on which the effects of moves can be counted; its `sort` is 1 when nothing moved it. */
export async function makeCounter(client) {
  const [listID, todoID] = [newID(), newID()];
  await client.mutate.createList({id: listID, name: 'counter'});
  await client.mutate.createTodo({id: todoID, listID, text: 'counts', completed: false});
  await client.settle();
  return {listID, todoID, key: `todo/${todoID}`};
}

/** Makes a list visible to another user; in the version strategies it is already, and the share is only data. */
export async function share(client, listID, userID) {
  await client.mutate.createShare({id: newID(), listID, userID});
  await client.settle();
}

const stored = new Map();
const recoveries = new Map();
const {persist, recoverMutations} = ReplicacheImpl.prototype;
const stateOf = async impl => [impl.lastMutationID, await impl.cookie];

// The client says that it has stored something, but not what: its state at the beginning of that it has stored at the end.
ReplicacheImpl.prototype.persist = async function () {
  const state = await stateOf(this);
  await persist.call(this);
  stored.set(this.clientID, {impl: this, state});
};

ReplicacheImpl.prototype.recoverMutations = function (...args) {
  const recovery = recoverMutations.apply(this, args);
  recoveries.set(this.clientID, [...recoveries.get(this.clientID) ?? [], recovery]);
  return recovery;
};

/** Waits until a client has ended what it began for groups before it: their push, their pull, and to store what that says. */
export function recovered({rep, user}) {
  const begun = () => recoveries.get(rep.clientID) ?? [];
  return until(async () => (await Promise.all(begun())).includes(true), `${user} has recovered what was left`);
}

/** Waits until a client's state, pending mutations included, is in its store, where other tabs and sessions find it. */
export function persisted({rep, user}) {
  return until(async () => {
    const {impl, state} = stored.get(rep.clientID) ?? {};
    return impl && isDeepStrictEqual(state, await stateOf(impl));
  }, `what ${user} did is stored`);
}

export const only = (...strategies) => (strategies.includes(STRATEGY) ? false : `not in the strategy ${STRATEGY}`);
