// Who is using the page and where: all of it is in the address, so that a link or a second tab says it too.
//
//   /?user=alice&space=default#<list>     the todo list of one user
//   /?split&space=default                 two users side by side
//   /                                     asks who you are

const params = new URLSearchParams(location.search);

export const session = {
  user: (params.get('user') ?? '').trim(),
  space: (params.get('space') ?? '').trim() || 'default',
  split: params.has('split'),
  embedded: window.parent !== window,
};

/** The page's address for a user of a space. */
export function pageOf(user, space = session.space) {
  return `/?${new URLSearchParams({user, space})}`;
}

/** The address of the page with two users side by side. */
export function splitPage(space = session.space) {
  return `/?split&${new URLSearchParams({space})}`;
}

/** The id of the list in the address, or an empty string. */
export function selectedList() {
  return decodeURIComponent(location.hash.slice(1));
}

/** Puts a list into the address; the window's hashchange event tells when. */
export function selectList(id) {
  location.hash = encodeURIComponent(id);
}
