// @ringcentral/sdk logs in with a JWT and reads an aggregation.
import { SDK } from '@ringcentral/sdk';
import { question, show } from './question.mjs';

const sdk = new SDK({
  server: process.env.RC_SERVER_URL,
  clientId: process.env.RC_APP_CLIENT_ID,
  clientSecret: process.env.RC_APP_CLIENT_SECRET,
  handleRateLimit: Boolean(process.env.EXTENDED),
});
await sdk.login({ jwt: process.env.RC_USER_JWT });
const path = '/analytics/calls/v1/accounts/~/aggregation/fetch';
const response = await sdk.platform().post(path, question(), { page: 1, perPage: 200 });
show(await response.json());
