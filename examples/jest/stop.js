module.exports = () => globalThis.cluster.stop();
