// The list of lists: choose one, add one.

import {find, fromTemplate, onSubmit, showItems} from './dom.js';
import {selectList, session} from './session.js';

export function wireListOfLists(mutate) {
  const add = name => {
    const id = crypto.randomUUID();
    mutate('createList', {id, name}).then(() => {
      selectList(id);
      find('.new-todo input').focus();
    });
  };
  onSubmit(find('.new-list'), ({name}) => {
    if (name) {
      add(name);
    }
  });
  find('.first-list').addEventListener('click', () => add(`${session.user}’s list`));
}

export function showListOfLists({lists, todos}, selected) {
  const open = new Map();
  for (const {listID, completed} of todos) {
    open.set(listID, (open.get(listID) ?? 0) + (completed ? 0 : 1));
  }
  showItems(find('.lists ul'), lists, {
    key: list => list.id,
    create: () => fromTemplate('list-item').firstElementChild,
    update(item, {id, name, ownerID}) {
      const link = find('a', item);
      link.href = `#${encodeURIComponent(id)}`;
      const current = id === selected?.id ? 'page' : null;
      if (link.ariaCurrent !== current) {
        link.ariaCurrent = current;
        requestAnimationFrame(() => current && link.scrollIntoView({block: 'nearest', inline: 'nearest'}));
      }
      find('.name', item).textContent = name;
      const count = open.get(id) ?? 0;
      find('.count', item).textContent = count || '';
      link.ariaLabel = `${name}, ${count} open${ownerID === session.user ? '' : `, by ${ownerID}`}`;
    },
  });
}
