// The protocol does not say that a mutation was refused: it is confirmed like any other, only its effect is missing.
// Where a missing effect can mean nothing else, the page tells.

const keyOf = {
  createList: args => `list/${args.id}`,
  createTodo: args => `todo/${args.id}`,
  createShare: args => `share/${args.id}`,
  importTodos: args => `todo/${args.todos[0].id}`,
  setWindow: args => `control/${args.profileID}/window`,
};

const words = {
  createList: args => `the list “${short(args.name)}”`,
  createTodo: args => (args.text.trim() ? `the todo “${short(args.text)}”` : 'a blank todo'),
  createShare: args => `sharing with ${short(args.userID)}`,
  importTodos: args => `${args.todos.length} todos`,
  setWindow: () => 'a window on the data (only the row-version strategy has it)',
};

/** Describes the mutations that were pending, are not any more, and have left nothing. */
export async function refusedAmong(before, after, tx) {
  const pending = new Set(after.map(nameOf));
  const gone = before.filter(mutation => !pending.has(nameOf(mutation)));
  const deleted = new Set([...before, ...after].filter(m => /^(delete|clear)/.test(m.name)).flatMap(idsOf));
  const refused = [];
  for (const {name, args} of gone) {
    const key = keyOf[name]?.(args);
    if (key && !idsOf({args}).some(id => deleted.has(id)) && !(await tx.has(key))) {
      refused.push(words[name](args));
    }
  }
  return refused;
}

function nameOf({clientID, id}) {
  return `${clientID} ${id}`;
}

function idsOf({args}) {
  return [args.id, args.listID].filter(Boolean);
}

function short(text) {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length > 40 ? `${line.slice(0, 40)}…` : line;
}
