// @rc-ex/core logs in with a JWT and reads an aggregation by its typed path.
import RingCentral from '@rc-ex/core';
import { question, show } from './question.mjs';

const client = new RingCentral({
  server: process.env.RC_SERVER_URL,
  clientId: process.env.RC_APP_CLIENT_ID,
  clientSecret: process.env.RC_APP_CLIENT_SECRET,
});
if (process.env.EXTENDED) {
  const { default: extension } = await import('@rc-ex/rate-limit');
  await client.installExtension(new extension.default());
}
await client.authorize({ jwt: process.env.RC_USER_JWT });
const answer = await client.analytics().calls().v1().accounts('~').aggregation().fetch().post(question(), {
  page: 1,
  perPage: 200,
});
show(answer);
