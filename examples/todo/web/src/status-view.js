// How the synchronisation is doing: online or not, what is not confirmed yet, and what went wrong.

import {find, fromTemplate, showItems} from './dom.js';
import {selectedList} from './session.js';

const NOTICE_MS = 12_000;
const MOST_MUTATIONS = 8;

export function wireStatus(sync, mutate, data) {
  const {rep} = sync;
  find('.work-offline').addEventListener('click', () => sync.setOffline(!sync.state.offline));
  find('.pull-now').addEventListener('click', () =>
    rep.pull({now: true}).catch(e => notify(`No pull: ${e.causedBy?.message ?? e.message}.`)));
  find('.be-refused').addEventListener('click', () => {
    const {lists} = data();
    const list = lists.find(({id}) => id === selectedList()) ?? lists[0];
    if (list) {
      mutate('createTodo', {id: crypto.randomUUID(), listID: list.id, text: '   ', completed: false});
    } else {
      notify('Make a list first.');
    }
  });
  document.addEventListener('click', event => {
    if (!find('.who').contains(event.target)) {
      find('.who').open = false;
    }
  });
  find('.client-id').textContent = rep.clientID;
  rep.clientGroupID.then(id => (find('.client-group-id').textContent = id));
}

export function showStatus({state}) {
  const {offline, live, pending, lastSync} = state;
  const mode = offline ? 'offline' : live ? 'live' : 'waiting';
  document.body.dataset.mode = mode;
  find('.status-text').textContent = {offline: 'Working offline', live: 'Live', waiting: 'Reconnecting…'}[mode];
  find('.pokes').textContent = {offline: 'off', live: 'connected', waiting: 'not connected'}[mode];
  find('.work-offline').ariaPressed = String(offline);
  find('.work-offline').textContent = offline ? 'Go online' : 'Work offline';
  find('.pending').hidden = pending.length === 0;
  find('.pending').textContent = `${pending.length} pending`;
  const time = lastSync?.toLocaleTimeString() ?? 'not yet';
  find('.bar .last-sync').textContent = `synced ${time}`;
  find('.inside .last-sync').textContent = time;
  showPending(pending);
}

function showPending(pending) {
  find('.nothing-pending').hidden = pending.length > 0;
  showItems(find('.mutations'), pending.slice(0, MOST_MUTATIONS), {
    key: ({clientID, id}) => `${clientID} ${id}`,
    create({name, args}) {
      const item = document.createElement('li');
      const code = item.appendChild(document.createElement('code'));
      code.textContent = `${name} ${JSON.stringify(args)}`;
      return item;
    },
    update() {},
  });
}

/** Tells the user something for a while; the same thing only once at a time. */
export function notify(text) {
  const notices = find('.notices');
  const same = [...notices.children].find(notice => notice.textContent.trim() === text);
  const notice = same ?? fromTemplate('notice').firstElementChild;
  if (!same) {
    find('p', notice).textContent = text;
    find('button', notice).addEventListener('click', () => notice.remove());
    notices.append(notice);
  }
  clearTimeout(notice.timer);
  notice.timer = setTimeout(() => notice.remove(), NOTICE_MS);
}
