// Hears the server's pokes, and keeps hearing them.

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;

/**
 * Listens to an address of server-sent events. `poked` is called for every poke; `connected` with true once the events
 * flow, also after a reconnection, and with false when they stop.
 *
 * A hidden tab does not listen: it would not pull either, and browsers open few connections to one server.
 */
export function listenForPokes(url, {enabled, poked, connected}) {
  let source = null;
  let timer = 0;
  let delay = FIRST_RETRY_MS;

  function open() {
    source = new EventSource(url);
    source.addEventListener('poke', poked);
    source.addEventListener('open', () => {
      delay = FIRST_RETRY_MS;
      connected(true);
    });
    // The browser itself does not try again after an error status, so we never leave it to the browser.
    source.addEventListener('error', () => {
      close();
      timer = setTimeout(adjust, delay);
      delay = Math.min(2 * delay, LAST_RETRY_MS);
    });
  }

  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
    connected(false);
  }

  function adjust() {
    const wanted = enabled && document.visibilityState === 'visible';
    if (wanted && !source) {
      clearTimeout(timer);
      open();
    } else if (!wanted) {
      close();
    }
  }

  document.addEventListener('visibilitychange', adjust);
  window.addEventListener('online', adjust);
  adjust();

  return {
    enable(on) {
      enabled = on;
      adjust();
    },
  };
}
