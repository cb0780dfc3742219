// One user's page: reads everything the client has in one subscription and hands it to the parts of the page.

import {find, showPage} from './dom.js';
import {showListOfLists, wireListOfLists} from './lists-view.js';
import {selectedList, session} from './session.js';
import {notify, showStatus, wireStatus} from './status-view.js';
import {startSync} from './sync.js';
import {showTodos, wireTodos} from './todos-view.js';
import {avatar, showPeople} from './welcome.js';
import {showWindow, wireWindow} from './window-view.js';

export function showTodoPage() {
  const {user, space} = session;
  showPage('todo-page');
  document.title = `${user} – Replisync todo`;
  document.body.classList.toggle('embedded', session.embedded);
  document.querySelectorAll('.user-name').forEach(element => (element.textContent = user));
  find('.space-name').textContent = space;
  avatar(user, find('.who .avatar'));
  showPeople(find('.who'), user);

  let data = {lists: [], todos: [], shares: [], window: null};
  const show = oncePerFrame(() => {
    const list = data.lists.find(({id}) => id === selectedList()) ?? data.lists[0];
    const unsent = new Set(sync.state.pending.map(({args}) => args.id));
    showListOfLists(data, list);
    showTodos(data, list, unsent);
    showWindow(data.window);
    showStatus(sync);
  });

  const sync = startSync({user, space, changed: show, failed: notify});
  const {rep} = sync;
  window.rep = rep; // to be played with in the browser's console
  // A mutator that breaks a rule throws; the user reads why.
  const mutate = (name, args) => rep.mutate[name](args).catch(e => notify(`Not done: ${e.message}.`));

  wireListOfLists(mutate);
  wireTodos(mutate);
  wireStatus(sync, mutate, () => data);
  window.addEventListener('hashchange', show);

  rep.profileID.then(profileID => {
    wireWindow(mutate, profileID);
    rep.subscribe(tx => readAll(tx, profileID), result => {
      data = result;
      show();
    });
  });
}

function oncePerFrame(action) {
  let asked = false;
  return () => {
    if (!asked) {
      asked = true;
      requestAnimationFrame(() => {
        asked = false;
        action();
      });
    }
  };
}

async function readAll(tx, profileID) {
  const all = prefix => tx.scan({prefix}).values().toArray();
  const [lists, todos, shares] = [await all('list/'), await all('todo/'), await all('share/')];
  return {
    lists: lists.sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1)),
    todos: todos.sort((a, b) => a.sort - b.sort || (a.id < b.id ? -1 : 1)),
    shares,
    window: (await tx.get(`control/${profileID}/window`)) ?? null,
  };
}
