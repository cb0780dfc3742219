// The mutators as the browser runs them: a guess of what the server will decide, shown at once and replaced by the
// server's own result when it arrives.
//
// They keep the server's rules, with one exception: how long a text may be, and that it may not be blank, is left to the
// server. The page's form does not offer such a text, and one that gets through nevertheless shows a roll-back.

/** A rule was broken: nothing is written and nothing is sent. */
export class Refused extends Error {}

/** The mutators of one user. */
export function mutatorsFor(userID) {
  return guarded({
    async createList(tx, {id, name}) {
      await free(tx, `list/${id}`);
      await tx.set(`list/${id}`, {id, name, ownerID: userID});
    },

    async deleteList(tx, {id}) {
      await owned(tx, id, userID);
      for (const prefix of ['todo/', 'note/', 'share/']) {
        await deleteOfList(tx, prefix, id);
      }
      await tx.del(`list/${id}`);
    },

    async createTodo(tx, {id, listID, text, completed}) {
      await existing(tx, `list/${listID}`);
      await free(tx, `todo/${id}`);
      const sort = (await highestSort(tx, listID)) + 1;
      await tx.set(`todo/${id}`, {id, listID, text, completed, sort});
    },

    async updateTodo(tx, {id, text, completed, sort}) {
      const todo = await existing(tx, `todo/${id}`);
      await tx.set(`todo/${id}`, {
        ...todo,
        text: text ?? todo.text,
        completed: completed ?? todo.completed,
        sort: sort ?? todo.sort,
      });
    },

    async moveTodo(tx, {id, by}) {
      const todo = await existing(tx, `todo/${id}`);
      await tx.set(`todo/${id}`, {...todo, sort: todo.sort + by});
    },

    async deleteTodo(tx, {id}) {
      await tx.del(`todo/${id}`);
    },

    async importTodos(tx, {listID, todos}) {
      await existing(tx, `list/${listID}`);
      for (const {id} of todos) {
        await free(tx, `todo/${id}`);
      }
      for (const {id, text, completed, sort} of todos) {
        await tx.set(`todo/${id}`, {id, listID, text, completed, sort});
      }
    },

    async clearList(tx, {listID}) {
      await existing(tx, `list/${listID}`);
      await deleteOfList(tx, 'todo/', listID);
    },

    async createShare(tx, {id, listID, userID: to}) {
      await owned(tx, listID, userID);
      await free(tx, `share/${id}`);
      await tx.set(`share/${id}`, {id, listID, userID: to});
    },

    async deleteShare(tx, {id}) {
      const share = await tx.get(`share/${id}`);
      if (share) {
        await owned(tx, share.listID, userID);
        await tx.del(`share/${id}`);
      }
    },

    async putNote(tx, {id, listID, value}) {
      await existing(tx, `list/${listID}`);
      await tx.set(`note/${id}`, {id, listID, value});
    },

    async deleteNote(tx, {id}) {
      await tx.del(`note/${id}`);
    },

    // Only the row-version strategy knows windows; elsewhere the server refuses this and the client rolls it back.
    async setWindow(tx, {profileID, showCompleted, limit}) {
      await tx.set(`control/${profileID}/window`, {showCompleted, limit});
    },
  });
}

// A mutator runs again on top of every pull until it is confirmed. By then the rule may be broken by what others did, and
// an exception there would fail that pull and every later one. So only the first run throws; a later one does nothing.
function guarded(mutators) {
  const guard = mutator => async (tx, args) => {
    try {
      await mutator(tx, args);
    } catch (e) {
      if (!(e instanceof Refused) || tx.reason === 'initial') {
        throw e;
      }
    }
  };
  return Object.fromEntries(Object.entries(mutators).map(([name, mutator]) => [name, guard(mutator)]));
}

async function existing(tx, key) {
  const value = await tx.get(key);
  if (value === undefined) {
    throw new Refused(`${key} does not exist`);
  }
  return value;
}

async function free(tx, key) {
  if (await tx.has(key)) {
    throw new Refused(`${key} exists already`);
  }
}

async function owned(tx, listID, userID) {
  const list = await existing(tx, `list/${listID}`);
  if (list.ownerID !== userID) {
    throw new Refused(`only ${list.ownerID}, who owns the list, may do this`);
  }
}

async function highestSort(tx, listID) {
  let highest = 0;
  for await (const todo of tx.scan({prefix: 'todo/'}).values()) {
    if (todo.listID === listID) {
      highest = Math.max(highest, todo.sort);
    }
  }
  return highest;
}

async function deleteOfList(tx, prefix, listID) {
  for (const value of await tx.scan({prefix}).values().toArray()) {
    if (value.listID === listID) {
      await tx.del(prefix + value.id);
    }
  }
}
