// Jest: one cluster for all test files. Global setup runs outside of Jest's sandbox, where `require` can load ES modules.
const { startCluster } = require('rednode');

module.exports = async () => {
  const cluster = await startCluster({ masters: 3 });
  globalThis.cluster = cluster;
  process.env.REDIS_URLS = cluster.urls.join(' ');
};
