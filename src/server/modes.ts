/** Modes of a connection and of the node in which commands take the long way (ModeRunner), as bits of one number. */

export const Mode = {
  /** CLIENT REPLY OFF: nothing is answered. */
  silent: 1,
  /** CLIENT REPLY SKIP: the next command is not answered. */
  skipsReply: 2,
  /** CLIENT NO-TOUCH: reads leave no trace in what eviction goes by. */
  leavesNoTrace: 4,
  /** It is sent what others run. */
  monitors: 8,
  /** Of the node: somebody monitors it. */
  monitored: 16,
  /** Of the node: CLIENT PAUSE. */
  paused: 32,
} as const;
