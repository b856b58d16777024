// How long a client takes, for `cargo xtask bench`:
//   node measure.mjs core|sdk request NUMBER   prints the milliseconds of each request
//   node measure.mjs core|sdk timeline PAGES   prints pages, seconds and refusals
import { question } from './question.mjs';

const { RC_SERVER_URL: server, RC_APP_CLIENT_ID: clientId, RC_APP_CLIENT_SECRET: clientSecret } = process.env;
const calls = '/analytics/calls/v1/accounts/~';

// Each gives a function that posts and gives the answer, or throws an error that
// has the answer as `response`.
const clients = {
  async core() {
    const { default: RingCentral } = await import('@rc-ex/core');
    const client = new RingCentral({ server, clientId, clientSecret });
    await client.authorize({ jwt: process.env.RC_USER_JWT });
    return async (path, body, query) => (await client.post(calls + path, body, query)).data;
  },
  async sdk() {
    const { SDK } = await import('@ringcentral/sdk');
    const sdk = new SDK({ server, clientId, clientSecret });
    await sdk.login({ jwt: process.env.RC_USER_JWT });
    return async (path, body, query) => (await sdk.platform().post(calls + path, body, query)).json();
  },
};

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

// As they come: nothing waits before a refusal or after one, and the first ends it.
async function timeline(ask, pages) {
  const body = question();
  body.grouping = { groupBy: 'Users' };
  delete body.callFilters;
  body.responseOptions = { counters: { allCalls: true } };
  const begun = performance.now();
  let page = 0;
  let refused = 0;
  while (page < pages && refused === 0) {
    try {
      await ask('/timeline/fetch', body, { interval: 'Day', page: page + 1, perPage: 20 });
      page += 1;
    } catch (error) {
      if (error.response?.status !== 429) throw error;
      refused += 1;
    }
  }
  return { pages: page, seconds: (performance.now() - begun) / 1000, refused };
}

const [name, what, number] = process.argv.slice(2);
const ask = await clients[name]();
console.log(JSON.stringify(await { request: requests, timeline }[what](ask, Number(number))));
process.exit();
