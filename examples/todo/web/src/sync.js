// Everything between the page and the server: the Replicache client, the pokes, and what the page tells about both.

import {Replicache} from 'replicache';
import {mutatorsFor} from './mutators.js';
import {listenForPokes} from './pokes.js';
import {refusedAmong} from './refusals.js';

const RELOADED = 'reloaded at';
const RELOADED_WHY = 'reloaded why';
const PENDING_AGAIN_MS = 1_000;
const RELOAD_AT_MOST_EVERY_MS = 60_000;

/**
 * Starts to sync one user of one space.
 *
 * `changed` is called whenever `state` did, `failed` with the text of an error that the user should see.
 */
export function startSync({user, space, changed, failed}) {
  const at = endpoint => `/api/replicache/${endpoint}?${new URLSearchParams({space})}`;
  // One local database for each user and space: what another user saw is never shown, or pushed in this one's name.
  const name = `todo/${encodeURIComponent(user)}/${encodeURIComponent(space)}`;
  const wasOffline = `offline ${name}`; // a tab that works offline still does after a reload
  const state = {offline: sessionStorage.getItem(wasOffline) !== null, live: false, pending: [], lastSync: null};

  const rep = new Replicache({
    name,
    schemaVersion: '1',
    auth: `Bearer ${user}`,
    pushURL: at('push'),
    pullURL: at('pull'),
    pullInterval: null, // pokes say when to pull
    mutators: mutatorsFor(user),
    logLevel: 'error',
  });

  const send = {push: rep.pusher, pull: rep.puller};
  rep.pusher = async (...request) => {
    const result = await whenOnline('push', request);
    if (!state.live) {
      pull(); // nobody will tell us that the push arrived
    }
    return result;
  };
  rep.puller = async (...request) => {
    const result = await whenOnline('pull', request);
    if (result.httpRequestInfo.httpStatusCode === 200) {
      update({lastSync: new Date()});
    }
    return result;
  };

  function pull() {
    rep.pull().catch(() => {}); // Replicache tries again by itself
  }

  async function whenOnline(what, request) {
    if (state.offline) {
      throw new Error('working offline'); // Replicache takes it for a lost network, and keeps the mutations
    }
    const result = await send[what](...request);
    const {httpStatusCode: status, errorMessage} = result.httpRequestInfo;
    if (status === 401) {
      failed(`The server does not know “${user}” (${what}: 401). Choose another name.`);
    } else if (status !== 200) {
      failed(`The server answered a ${what} with ${status}${errorMessage ? `: ${errorMessage.slice(0, 200)}` : ''}.`);
    }
    return result;
  }

  const pokes = listenForPokes(`${at('poke')}&${new URLSearchParams({user})}`, {
    enabled: !state.offline,
    poked: pull,
    connected(live) {
      update({live});
      if (live) {
        pull(); // a poke may have been missed
      }
    },
  });

  rep.onSync = syncing => {
    if (!syncing) {
      readPending();
    }
  };
  rep.experimentalWatch(() => readPending());
  rep.onClientStateNotFound = () => reload('The server has forgotten this browser: what was not sent yet is lost.');
  rep.onUpdateNeeded = () => reload('This page is too old for the server.');

  // What the user has to know is told by the page that comes up again.
  function reload(why) {
    const last = Number(sessionStorage.getItem(RELOADED) ?? 0);
    if (Date.now() - last > RELOAD_AT_MOST_EVERY_MS) {
      sessionStorage.setItem(RELOADED, String(Date.now()));
      sessionStorage.setItem(RELOADED_WHY, why);
      location.reload();
    } else {
      failed(`${why} Reload the page to go on.`);
    }
  }
  const why = sessionStorage.getItem(RELOADED_WHY);
  if (why) {
    sessionStorage.removeItem(RELOADED_WHY);
    failed(why);
  }

  // Reads overlap; only the newest counts, or a confirmed mutation would come back for a moment.
  let reads = 0;
  let again = 0;
  async function readPending() {
    const read = ++reads;
    clearTimeout(again);
    const pending = await rep.experimentalPendingMutations();
    const refused = await rep.query(tx => refusedAmong(state.pending, pending, tx));
    if (read !== reads) {
      return;
    }
    refused.forEach(what => failed(`The server refused ${what}, so it was rolled back.`));
    update({pending});
    if (pending.length > 0) {
      // A confirmation that changes no data is told by nothing, and the sync may end before it is applied.
      again = setTimeout(readPending, PENDING_AGAIN_MS);
    }
  }

  // The last session may have left some. A query waits until the client is open; asking for pending mutations does not.
  rep.query(() => {}).then(readPending);

  function update(change) {
    Object.assign(state, change);
    changed(state);
  }

  return {
    rep,
    state,
    setOffline(offline) {
      if (offline) {
        sessionStorage.setItem(wasOffline, 'yes');
      } else {
        sessionStorage.removeItem(wasOffline);
      }
      pokes.enable(!offline);
      update({offline});
      if (!offline) {
        rep.push({now: true}).catch(() => {});
        rep.pull({now: true}).catch(() => {});
      }
    },
  };
}
