// What is there before a user is chosen: the question who you are, and the page with two users at once.

import {find, onSubmit, showItems, showPage} from './dom.js';
import {pageOf, session, splitPage} from './session.js';

const PEOPLE = ['alice', 'bob', 'carol'];

export function showWelcomePage() {
  showPage('welcome-page');
  showPeople(document.body);
  const form = find('.sign-in');
  if (session.space !== 'default') {
    form.elements.space.value = session.space;
  }
  onSubmit(form, ({user, space}) => {
    if (user) {
      location.href = pageOf(user, space || 'default');
    }
    return false;
  });
}

/** Fills in the links to the same page as somebody else, except as `me`. */
export function showPeople(parent, me) {
  find('.side-by-side', parent).href = splitPage();
  showItems(find('.people', parent), PEOPLE.filter(user => user !== me), {
    key: user => user,
    create(user) {
      const item = document.createElement('li');
      const link = item.appendChild(document.createElement('a'));
      link.href = pageOf(user);
      link.append(avatar(user), user);
      return item;
    },
    update() {},
  });
}

export function showSplitPage() {
  showPage('split-page');
  document.title = 'Two users side by side – Replisync todo';
  document.body.classList.add('splitting');
  showItems(find('.split'), PEOPLE.slice(0, 2), {
    key: user => user,
    create(user) {
      const frame = document.createElement('iframe');
      frame.src = pageOf(user);
      frame.title = `The todo list as ${user} sees it`;
      return frame;
    },
    update() {},
  });
}

/** A round picture of a user: the first letter on the user's own colour. */
export function avatar(user, element = document.createElement('span')) {
  element.className = 'avatar';
  element.ariaHidden = 'true';
  element.textContent = [...user][0].toUpperCase();
  element.style.setProperty('--hue', [...user].reduce((hue, c) => (hue * 31 + c.codePointAt(0)) % 360, 7));
  return element;
}
