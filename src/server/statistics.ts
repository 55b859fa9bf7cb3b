/** Counters of a node since it started. */

export class Statistics {
  commandsProcessed = 0;
  connectionsReceived = 0;
  rejectedConnections = 0;
  inputBytes = 0;
  outputBytes = 0;
  expiredKeys = 0;
  slowSubscribersDropped = 0;
  protocolErrors = 0;
  fullSyncs = 0;
  partialSyncs = 0;
  private sampledAt = performance.now();
  private sampledCommands = 0;
  private rate = 0;

  /** Commands per second since the sample before; call at a steady pace. */
  sampleRate(): number {
    const now = performance.now();
    const elapsedSeconds = (now - this.sampledAt) / 1000;
    if (elapsedSeconds > 0) this.rate = Math.round((this.commandsProcessed - this.sampledCommands) / elapsedSeconds);
    this.sampledAt = now;
    this.sampledCommands = this.commandsProcessed;
    return this.rate;
  }

  /** The latest sample. */
  get opsPerSecond(): number {
    return this.rate;
  }
}
