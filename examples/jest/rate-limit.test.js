// Jest and ioredis, with CommonJS: test files find the cluster through the environment.
const { afterAll, expect, test } = require('@jest/globals');
const { Cluster } = require('ioredis');

const client = new Cluster(process.env.REDIS_URLS.split(' '));

afterAll(() => client.disconnect());

/** Whether a user may go on: 3 requests in a minute. */
async function mayGoOn(user) {
  const key = `requests:${user}`;
  const count = await client.incr(key);
  if (count === 1) await client.expire(key, 60);
  return count <= 3;
}

test('a fourth request within a minute is refused', async () => {
  const answers = [];
  for (let request = 0; request < 4; request++) answers.push(await mayGoOn('ada'));
  expect(answers).toEqual([true, true, true, false]);
});

test('users do not count for each other', async () => {
  const answers = await Promise.all(['grace', 'edsger', 'barbara', 'alan'].map(mayGoOn));
  expect(answers).toEqual([true, true, true, true]);
});
