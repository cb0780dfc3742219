// What this browser wants to hold of the todos: an entity like any other, which the server's query reads. Tabs of one browser
// share it, so what one sets the others show.

import {find} from './dom.js';

const LIMITS = [3, 10, 50, 200];
const EVERYTHING = {showCompleted: true, limit: null};

/** Whether the server's strategy knows windows. */
export const hasWindow = 'windows' in document.documentElement.dataset;

let current = EVERYTHING;

export function wireWindow(mutate, profileID) {
  find('.window').hidden = !hasWindow;
  const set = change => mutate('setWindow', {profileID, ...current, ...change});
  find('.window-completed').addEventListener('change', ({target}) => set({showCompleted: target.checked}));
  find('.window-limit').addEventListener('change', ({target}) => set({limit: target.value ? Number(target.value) : null}));
}

export function showWindow(window) {
  current = window ?? EVERYTHING;
  find('.window-completed').checked = current.showCompleted;
  const limit = find('.window-limit');
  const values = [...new Set([...LIMITS, current.limit ?? LIMITS[0]])].sort((a, b) => a - b);
  const options = [...values.map(value => new Option(`the first ${value}`, value)), new Option('all', '')];
  if (limit.length !== options.length || [...limit.options].some((option, i) => option.value !== options[i].value)) {
    limit.replaceChildren(...options);
  }
  limit.value = current.limit ?? '';
}
