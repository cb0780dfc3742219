// One list: its todos, who shares it, and everything that can be done to them.

import {find, fromTemplate, onSecondPress, onSubmit, showItems} from './dom.js';
import {session} from './session.js';

const FILTERS = {
  all: () => true,
  open: todo => !todo.completed,
  completed: todo => todo.completed,
};
const NOTHING_TO_SHOW = {
  all: 'Nothing here yet.',
  open: 'Nothing left to do.',
  completed: 'Nothing done yet.',
};

let mutate;
let list; // what is shown now
let visible = [];
let filter = 'all';
let shown = {};

export function wireTodos(mutator) {
  mutate = mutator;
  onSubmit(find('.new-todo'), ({text}) => {
    if (text) {
      mutate('createTodo', {id: crypto.randomUUID(), listID: list.id, text, completed: false});
    }
  });
  onSubmit(find('.sharing'), ({user}) => {
    if (user) {
      mutate('createShare', {id: crypto.randomUUID(), listID: list.id, userID: user});
    }
  });
  onSecondPress(find('.delete-list'), () => mutate('deleteList', {id: list.id}));
  onSecondPress(find('.clear-list'), () => mutate('clearList', {listID: list.id}));
  find('.examples').addEventListener('click', () => importExamples());
  for (const button of document.querySelectorAll('[data-filter]')) {
    button.addEventListener('click', () => {
      filter = button.dataset.filter;
      showTodos(...shown);
    });
  }
}

export function showTodos(...what) {
  const [{todos, shares}, selected, unsent] = (shown = what);
  list = selected;
  find('.no-list').hidden = Boolean(list);
  find('.list').hidden = !list;
  if (!list) {
    return;
  }
  const mine = list.ownerID === session.user;
  const inList = todos.filter(todo => todo.listID === list.id);
  const done = inList.filter(todo => todo.completed).length;
  visible = inList.filter(FILTERS[filter]);

  find('#list-name').textContent = list.name;
  find('.list-owner').textContent = mine ? 'your list' : `by ${list.ownerID}`;
  find('.delete-list').hidden = !mine;
  find('.clear-list').hidden = inList.length === 0;
  find('.counts').textContent = inList.length ? `${done} of ${inList.length} done` : '';
  find('.no-todos').hidden = visible.length > 0;
  find('.no-todos p').textContent = NOTHING_TO_SHOW[filter];
  find('.examples').hidden = inList.length > 0;
  for (const button of document.querySelectorAll('[data-filter]')) {
    button.ariaPressed = String(button.dataset.filter === filter);
  }
  showItems(find('.todo-items'), visible, {
    key: todo => todo.id,
    create: createItem,
    update: (item, todo) => updateItem(item, todo, unsent),
  });
  showShares(shares.filter(share => share.listID === list.id), mine);
}

function createItem({id}) {
  const item = fromTemplate('todo-item').firstElementChild;
  const current = () => visible.find(todo => todo.id === id);
  const move = step => moveBy(id, step);
  find('[type=checkbox]', item).addEventListener('change', event =>
    mutate('updateTodo', {id, completed: event.target.checked}));
  find('.up', item).addEventListener('click', () => move(-1));
  find('.down', item).addEventListener('click', () => move(1));
  find('.edit', item).addEventListener('click', () => edit(item, current()));
  find('.text', item).addEventListener('dblclick', () => edit(item, current()));
  find('.delete', item).addEventListener('click', () => {
    neighbour(item)?.focus();
    mutate('deleteTodo', {id});
  });
  item.addEventListener('keydown', event => {
    const step = {ArrowUp: -1, ArrowDown: 1}[event.key];
    if (event.altKey && step) {
      event.preventDefault();
      move(step);
    }
  });
  return item;
}

function updateItem(item, {id, text, completed}, unsent) {
  const position = visible.findIndex(todo => todo.id === id);
  const box = find('[type=checkbox]', item);
  box.checked = completed;
  box.ariaLabel = `Done: ${text}`;
  item.classList.toggle('completed', completed);
  find('.text', item).textContent = text;
  find('.unsent', item).hidden = !unsent.has(id);
  find('.up', item).disabled = position === 0;
  find('.down', item).disabled = position === visible.length - 1;
  const label = {up: 'Move up', down: 'Move down', edit: 'Edit', delete: 'Delete'};
  for (const [name, words] of Object.entries(label)) {
    const button = find(`.${name}`, item);
    button.title = words;
    button.ariaLabel = `${words}: ${text}`;
  }
}

// Passing a neighbour is an exchange of two places by differences, not by values: it stays right when others move todos at
// the same moment, and it shows at once if the server ever runs a mutation twice.
function moveBy(id, step) {
  const i = visible.findIndex(todo => todo.id === id);
  const [todo, other] = [visible[i], visible[i + step]];
  if (!todo || !other) {
    return;
  }
  const by = other.sort - todo.sort;
  if (by === 0) {
    mutate('moveTodo', {id, by: step}); // two moves of others have met on one place
  } else {
    mutate('moveTodo', {id, by});
    mutate('moveTodo', {id: other.id, by: -by});
  }
}

function edit(item, {id, text}) {
  if (find('.editor', item)) {
    return;
  }
  const editor = document.createElement('input');
  editor.className = 'editor';
  editor.value = text;
  editor.ariaLabel = `New text for: ${text}`;
  let ended = false; // removing the editor blurs it
  const end = (save, refocus) => {
    if (ended) {
      return;
    }
    ended = true;
    const changed = editor.value.trim();
    editor.remove();
    item.classList.remove('editing');
    if (save && changed && changed !== text) {
      mutate('updateTodo', {id, text: changed});
    }
    if (refocus) {
      find('.edit', item).focus();
    }
  };
  editor.addEventListener('keydown', event => {
    if (event.key === 'Enter' && !event.isComposing) {
      end(true, true);
    } else if (event.key === 'Escape') {
      end(false, true);
    }
  });
  editor.addEventListener('blur', () => end(true, false));
  item.classList.add('editing');
  find('.text', item).after(editor);
  editor.focus();
}

// Where the focus goes when a todo disappears.
function neighbour(item) {
  const next = item.nextElementSibling ?? item.previousElementSibling;
  return next ? find('.delete', next) : find('.new-todo input');
}

function showShares(shares, mine) {
  find('.sharing').hidden = !mine && shares.length === 0;
  find('.share-with').hidden = !mine;
  showItems(find('.chips'), shares, {
    key: share => share.id,
    create({id, userID}) {
      const chip = fromTemplate('share-item').firstElementChild;
      find('.name', chip).textContent = userID;
      const button = find('button', chip);
      button.ariaLabel = `Stop sharing with ${userID}`;
      button.addEventListener('click', () => mutate('deleteShare', {id}));
      return chip;
    },
    update(chip) {
      find('button', chip).hidden = !mine;
    },
  });
}

function importExamples() {
  const texts = ['Open this page in a second tab', 'Work offline for a while', 'Stop the server, go on, start it again'];
  const todos = texts.map((text, i) => ({id: crypto.randomUUID(), text, completed: false, sort: i + 1}));
  mutate('importTodos', {listID: list.id, todos});
}
