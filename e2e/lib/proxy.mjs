// A small HTTP proxy between client and server, on which tests place faults.
//
// A fault is an async function of one exchange: it may forward the request, any number of times, reply, and cut the
// connection. Requests without a fault are forwarded.

import {once} from 'node:events';
import http from 'node:http';
import {buffer} from 'node:stream/consumers';
import {gunzipSync} from 'node:zlib';

/** The request arrives, the answer does not. */
export const loseResponse = async exchange => {
  await exchange.forward();
  exchange.cut();
};

/** Half of the answer arrives. */
export const truncateResponse = async exchange => {
  const {status, headers, body} = await exchange.forward();
  exchange.reply({status, headers: {...headers, 'content-length': body.length}, body: body.subarray(0, body.length / 2)});
  exchange.cut();
};

/** Neither arrives. */
export const cut = async exchange => exchange.cut();

/** The server never sees it; a status comes back. */
export const answer = (status, body = '') => async exchange => exchange.reply({status, body: Buffer.from(body)});

/** The server gets the request `n` times at the same moment. */
export const multiply = n => async exchange => {
  const answers = await Promise.all(Array.from({length: n}, () => exchange.forward()));
  exchange.reply(answers[n - 1]);
};

/** The request waits for a promise before it goes on, or for the promise that a function returns. */
export const after = gate => async exchange => {
  await (typeof gate === 'function' ? gate() : gate);
  exchange.reply(await exchange.forward());
};

/** A gate that opens when `n` have arrived at it, so that they pass together. */
export function together(n) {
  let arrived = 0;
  let open;
  const opened = new Promise(resolve => (open = resolve));
  return () => {
    if (++arrived === n) {
      open();
    }
    return opened;
  };
}

export async function startProxy(target) {
  // {endpoint, body, at, status, answer}: status is what the client got, 'cut', or null so far; answer is the server's last
  const requests = [];
  const once_ = {push: [], pull: [], poke: []};
  let always = {};
  const streams = new Set();

  const server = http.createServer(async (request, response) => {
    const endpoint = /\/api\/replicache\/(\w+)/.exec(request.url)?.[1] ?? request.url;
    const body = await buffer(request);
    const entry = {endpoint, body: parse(body), at: performance.now(), status: null};
    requests.push(entry);
    const exchange = exchangeOf(request, body, response, entry);
    const fault = once_[endpoint]?.shift() ?? always[endpoint] ?? always.all;
    try {
      if (fault) {
        await fault(exchange);
      } else if (endpoint === 'poke') {
        await exchange.stream();
      } else {
        exchange.reply(await exchange.forward());
      }
    } catch {
      exchange.cut(); // no server there
    }
  });

  function exchangeOf(request, body, response, entry) {
    const send = async () => {
      const {origin} = new URL(proxy.target);
      const forwarded = http.request(origin + request.url, {
        method: request.method,
        headers: request.headers,
        agent: false,
      });
      forwarded.end(body);
      const [answer] = await once(forwarded, 'response');
      return answer;
    };
    return {
      clientID: request.headers['x-replicache-requestid']?.split('-')[0],
      body: entry.body,
      async forward() {
        const answer = await send();
        return (entry.answer = {status: answer.statusCode, headers: answer.headers, body: await buffer(answer)});
      },
      async stream() {
        const answer = await send();
        entry.status = answer.statusCode;
        response.writeHead(answer.statusCode, answer.headers);
        response.flushHeaders();
        streams.add(response);
        response.on('close', () => {
          streams.delete(response);
          answer.destroy();
        });
        answer.on('error', () => response.destroy()).pipe(response);
      },
      reply({status, headers = {}, body: content}) {
        entry.status = status;
        response.writeHead(status, {...headers, connection: 'close'});
        response.end(content);
      },
      cut() {
        entry.status = 'cut';
        request.socket.destroy();
      },
    };
  }

  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const proxy = {
    target,
    url: `http://127.0.0.1:${server.address().port}`,
    /** A function that gives the requests of an endpoint from now on: `{body, at, status}`, status null while it lasts. */
    record(endpoint) {
      const from = requests.length;
      return () => requests.slice(from).filter(request => request.endpoint === endpoint);
    },
    /** A function that gives what the server answered at an endpoint from now on: `{request, json}`. */
    answers(endpoint) {
      const from = requests.length;
      return () => requests.slice(from).filter(request => request.endpoint === endpoint && request.answer)
        .map(({body, answer: answered}) => ({request: body, json: content(answered)}));
    },
    /** Places faults on the next requests of an endpoint, one on each. */
    next(endpoint, ...faults) {
      once_[endpoint].push(...faults);
    },
    /** Places a fault on every request of an endpoint, or of `all`. */
    always(endpoint, fault) {
      always[endpoint] = fault;
    },
    /** Cuts everything, the open streams included. */
    goOffline() {
      always = {all: cut};
      streams.forEach(response => response.destroy());
    },
    /** Removes all faults. */
    heal() {
      always = {};
      Object.values(once_).forEach(faults => faults.splice(0));
    },
    /** The latest requests, for a test that waits in vain. */
    account() {
      const now = performance.now();
      const lines = requests.slice(-30).map(({endpoint, body, at, status, answer: answered}) => {
        const asked = Array.isArray(body?.mutations) ? idsOf(body.mutations) : JSON.stringify(body?.cookie) ?? '';
        const said = answered ? `, the server: ${answered.status} ${JSON.stringify(content(answered)).slice(0, 300)}` : '';
        return `  ${Math.round(now - at)} ms ago ${endpoint} ${asked} -> ${status}${said}`;
      });
      const waiting = Object.entries(once_).filter(([, faults]) => faults.length).map(([at, {length}]) => `${length} on ${at}`);
      return [
        `proxy: ${requests.length} requests; next faults: ${waiting.join() || 'none'}; always: ${Object.keys(always).join() || 'none'}`,
        ...lines,
      ].join('\n');
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}

/** Mutations in a few words: of each client the first and last id, and how many they are. */
export function idsOf(mutations) {
  const clients = {};
  for (const {clientID, id} of mutations) {
    (clients[clientID] ??= []).push(id);
  }
  return Object.entries(clients).map(([clientID, ids]) => `${clientID} ${ids[0]} to ${ids.at(-1)} (${ids.length})`).join(', ') || 'nothing';
}

/** What an answer says, whether it is zipped or not. */
function content({headers, body}) {
  return parse(headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
}

function parse(body) {
  try {
    return JSON.parse(body);
  } catch {
    return body.toString();
  }
}
