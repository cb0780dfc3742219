// The little that the page needs instead of a framework.

/** A copy of the content of a template of index.html. */
export function fromTemplate(id) {
  return document.getElementById(id).content.cloneNode(true);
}

/** Replaces what the body shows by a template; the templates themselves stay. */
export function showPage(id) {
  document.body.append(fromTemplate(id));
}

/** The one element of a selector. */
export function find(selector, parent = document) {
  return parent.querySelector(selector);
}

/**
 * Makes the children of `parent` those of `items`, in their order: an element is made once for a key and updated from then
 * on, so that focus and half-typed text survive what others do meanwhile.
 */
export function showItems(parent, items, {key, create, update}) {
  const known = new Map([...parent.children].map(element => [element.dataset.key, element]));
  const wanted = items.map(item => {
    const element = known.get(key(item)) ?? create(item);
    element.dataset.key = key(item);
    known.delete(key(item));
    update(element, item);
    return element;
  });
  known.forEach(element => element.remove());
  wanted.forEach((element, i) => {
    if (parent.children[i] !== element) {
      moveTo(parent, element, i);
    }
  });
}

// Moving an element takes the focus from it.
function moveTo(parent, element, i) {
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  parent.insertBefore(element, parent.children[i] ?? null);
  focused?.focus();
}

/** A button that does what it says only when pressed twice. */
export function onSecondPress(button, action) {
  const label = button.textContent;
  const reset = () => {
    delete button.dataset.sure;
    button.textContent = label;
  };
  button.addEventListener('click', () => {
    if (button.dataset.sure) {
      reset();
      action();
    } else {
      button.dataset.sure = 'asked';
      button.textContent = 'Sure?';
    }
  });
  button.addEventListener('blur', reset);
}

/** Calls `action` with the trimmed fields of a form when it is sent, and empties it if `action` does not return false. */
export function onSubmit(form, action) {
  form.addEventListener('submit', event => {
    event.preventDefault();
    const fields = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));
    if (action(fields) !== false) {
      form.reset();
    }
  });
}
