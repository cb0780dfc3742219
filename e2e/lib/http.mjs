// The wire without the client: requests as the client makes them, and their answers as they are.

import {once} from 'node:events';
import http from 'node:http';
import {buffer} from 'node:stream/consumers';
import {gunzipSync} from 'node:zlib';

/** Sends one request; the answer has `status`, `headers`, `bytes` as received, `text`, and `json` if it is JSON. */
export async function send(url, {method = 'POST', headers = {}, body = ''} = {}) {
  const request = http.request(url, {method, headers, agent: false});
  request.end(typeof body === 'string' ? body : JSON.stringify(body));
  const [response] = await once(request, 'response');
  const bytes = await buffer(response);
  const text = (response.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
  let json;
  try {
    json = JSON.parse(text);
  } catch {
    // an empty body, or the text of an error
  }
  return {status: response.statusCode, headers: response.headers, bytes, text, json};
}

/** A user of a space who talks to the endpoints directly, as one client group. */
export function wire(url, {user, space, group = crypto.randomUUID(), schemaVersion = '1'}) {
  const headers = {'content-type': 'application/json', ...(user && {authorization: `Bearer ${user}`})};
  const at = endpoint => `${url}/api/replicache/${endpoint}?${new URLSearchParams({space})}`;
  const envelope = {clientGroupID: group, profileID: 'p-e2e', schemaVersion};
  return {
    group,
    push: (mutations, change = {}) =>
      send(at('push'), {headers: {...headers, ...change.headers}, body: {pushVersion: 1, mutations, ...envelope}}),
    pull: (cookie = null, change = {}) =>
      send(at('pull'), {headers: {...headers, ...change.headers}, body: {pullVersion: 1, cookie, ...envelope}}),
  };
}

/** A mutation as the client sends it. */
export function mutation(clientID, id, name, args) {
  return {clientID, id, name, args, timestamp: performance.now()};
}

/** The view that a pull from nothing gives, as an object. */
export function viewOf({json}) {
  return Object.fromEntries(json.patch.filter(({op}) => op === 'put').map(({key, value}) => [key, value]));
}
