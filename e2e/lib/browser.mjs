// The page in a real Chromium.

import {mkdir} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {chromium} from 'playwright-core';
import {DEADLINE_MS, until} from './until.mjs';

const TARGET = fileURLToPath(new URL('../target/', import.meta.url));

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    timeout: DEADLINE_MS,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
  });
}

/** A new browser profile; what its pages did wrong is in `problems`. */
export async function profile(t, browser, server, options) {
  const context = await browser.newContext({viewport: {width: 1100, height: 760}, ...options});
  context.setDefaultTimeout(DEADLINE_MS);
  const problems = [];
  context.on('weberror', error => problems.push(String(error.error())));
  context.on('request', request => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(`${server.url}/`)) {
      problems.push(`a request to ${request.url()}`);
    }
  });
  t.after(() => context.close());
  return {
    problems,
    context,
    /** Opens a page and waits until it is live. */
    async open(user, space) {
      const page = await context.newPage();
      await page.goto(`${server.url}/?${new URLSearchParams({user, space})}`);
      await page.waitForSelector('body[data-mode=live]');
      return page;
    },
  };
}

/** What a person does on the page. */
export const act = {
  async addList(page, name) {
    await page.getByLabel('Name of a new list').fill(name);
    await page.getByLabel('Name of a new list').press('Enter');
    await page.getByRole('heading', {name, exact: true}).waitFor();
  },
  openList: (page, name) => page.locator('.lists a', {hasText: name}).click(),
  async addTodo(page, text) {
    await page.getByLabel('What is to be done').fill(text);
    await page.getByLabel('What is to be done').press('Enter');
  },
  todo: (page, text) => page.locator('.todo', {has: page.locator('.text', {hasText: new RegExp(`^${text}$`)})}),
  texts: page => page.locator('.todo .text').allTextContents(),
  pending: page => page.locator('.pending'),
  async share(page, user) {
    await page.getByLabel('User to share this list with').fill(user);
    await page.getByLabel('User to share this list with').press('Enter');
    await page.getByRole('button', {name: `Stop sharing with ${user}`}).waitFor();
  },
  unshare: (page, user) => page.getByRole('button', {name: `Stop sharing with ${user}`}).click(),
  limit: page => page.getByLabel('How many todos this browser syncs'),
  showCompleted: page => page.getByLabel('completed ones too'),
  workOffline: page => page.getByRole('button', {name: 'Work offline'}).click(),
  goOnline: page => page.getByRole('button', {name: 'Go online'}).click(),
};

/** Waits until everything that was done on a page is confirmed. */
export async function confirmed(page) {
  // The client is asked before the page, which shows what is pending a moment later than it is.
  const pending = () => page.evaluate(async () => (await rep.experimentalPendingMutations()).length);
  await until(async () => (await pending()) === 0, 'everything on the page is confirmed');
  await page.locator('.pending').waitFor({state: 'hidden'});
}

/** Whether a text is in what the page's client has stored in the browser. */
export function isStored(page, text) {
  return page.evaluate(async wanted => {
    const done = request => new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    for (const {name} of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        const values = await done(database.transaction(store).objectStore(store).getAll());
        if (JSON.stringify(values).includes(wanted)) {
          database.close();
          return true;
        }
      }
      database.close();
    }
    return false;
  }, text);
}

export async function screenshot(page, name) {
  await mkdir(TARGET, {recursive: true});
  await page.screenshot({path: `${TARGET}${name}.png`});
}

/** The controls of a page that say nothing to a screen reader; to be evaluated in the page. */
export const nameless = () => [...document.querySelectorAll('button, input, a, iframe, summary')]
  .filter(element => element.checkVisibility())
  .filter(element => !(element.ariaLabel || element.title || element.textContent.trim() || element.labels?.length))
  .map(element => element.outerHTML);
