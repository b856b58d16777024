// How long a client takes, for `cargo xtask bench`:
//   node measure.mjs CLIENT request NUMBER   prints the milliseconds of each request
//   node measure.mjs CLIENT timeline PAGES   prints pages, seconds and refusals
// CLIENT is core or sdk, or core-limit or sdk-limit with what it has against refusals.
import { createRequire } from 'node:module';
import { question } from './question.mjs';

const { RC_SERVER_URL: server, RC_APP_CLIENT_ID: clientId, RC_APP_CLIENT_SECRET: clientSecret } = process.env;
const jwt = process.env.RC_USER_JWT;
const calls = '/analytics/calls/v1/accounts/~';
let refused = 0;

async function core() {
  const { default: RingCentral } = await import('@rc-ex/core');
  const client = new RingCentral({ server, clientId, clientSecret });
  await client.authorize({ jwt });
  return client;
}

async function sdk(handleRateLimit) {
  const { SDK } = await import('@ringcentral/sdk');
  const client = new SDK({ server, clientId, clientSecret, handleRateLimit });
  await client.login({ jwt });
  const platform = client.platform();
  platform.on(platform.events.rateLimitError, () => { refused += 1; });
  return async (path, body, query) => (await platform.post(calls + path, body, query)).json();
}

// Each gives a function that posts and gives the answer, or throws an error that
// has the answer as `response`.
const clients = {
  async core() {
    const client = await core();
    client.rest.httpClient.interceptors.response.use(count);
    return async (path, body, query) => (await client.post(calls + path, body, query)).data;
  },
  // The extension's last version works with the core that it brings, which can't log in by JWT.
  async 'core-limit'() {
    const limit = createRequire(createRequire(import.meta.url).resolve('@rc-ex/rate-limit'));
    const retry = createRequire(limit.resolve('@rc-ex/retry'));
    const { default: RingCentral } = retry('@rc-ex/core');
    const { default: RateLimit } = limit('./index.js');
    const client = new RingCentral({ server, clientId, clientSecret });
    client.token = (await core()).token;
    await client.installExtension(new RateLimit());
    client.rest.httpClient.interceptors.response.use(count);
    return async (path, body, query) => (await client.post(calls + path, body, query)).data;
  },
  sdk: () => sdk(false),
  'sdk-limit': () => sdk(true),
};

function count(response) {
  if (response.status === 429) refused += 1;
  return response;
}

async function requests(ask, number) {
  const milliseconds = [];
  for (let turn = 0; turn < number; turn++) {
    const begun = performance.now();
    const answer = await ask('/aggregation/fetch', question(), { page: 1, perPage: 200 });
    milliseconds.push(performance.now() - begun);
    if (answer.data.records.length === 0) throw new Error('no record');
  }
  return milliseconds;
}

// A refusal that a client lets through ends it: as they come, that is the first.
async function timeline(ask, pages) {
  const body = question();
  body.grouping = { groupBy: 'Users' };
  delete body.callFilters;
  body.responseOptions = { counters: { allCalls: true } };
  const begun = performance.now();
  let page = 0;
  while (page < pages) {
    try {
      await ask('/timeline/fetch', body, { interval: 'Day', page: page + 1, perPage: 20 });
    } catch (error) {
      if (error.response?.status !== 429) throw error;
      break;
    }
    page += 1;
  }
  return { pages: page, seconds: (performance.now() - begun) / 1000, refused };
}

const [name, what, number] = process.argv.slice(2);
const ask = await clients[name]();
console.log(JSON.stringify(await { request: requests, timeline }[what](ask, Number(number))));
process.exit();
