/** The lines around a start of a cluster: the header above its steps, and what to do next below them. */
import type { ClusterOptions, ClusterStatus, NodeStatus } from '../cluster/types.js';
import { formatDuration, plural } from './formats.js';
import { programName } from './program-name.js';
import type { Theme } from './theme.js';

/** `RedNode  cluster default   3 masters + 3 replicas   data: in memory` */
export function startHeader(options: ClusterOptions, theme: Theme): string {
  const { masters, replicasPerMaster } = options;
  const replicaCount = masters * replicasPerMaster;
  const shape = `${plural(masters, 'master')}${replicaCount === 0 ? '' : ` + ${plural(replicaCount, 'replica')}`}`;
  const data = options.ephemeral ? 'data: in memory, nothing kept' : 'data: in memory';
  return `\n  ${theme.strong('RedNode')}  cluster ${theme.strong(options.name)}   ${shape}   ${theme.dim(data)}\n`;
}

/** How the cluster that has just become ready goes on. */
export type AfterStart = 'foreground' | 'background' | 'shell';

const LABEL_WIDTH = 18;

/** What is true now and what the reader may want next; without a line feed at the end. */
export function readyBanner(status: ClusterStatus, after: AfterStart, theme: Theme): string {
  const program = programName();
  const name = status.name === 'default' ? '' : ` ${status.name}`;
  const flag = status.name === 'default' ? '' : ` --cluster ${status.name}`;
  const first = status.nodes[0];
  const row = (label: string, value: string): string => `    ${theme.dim(label.padEnd(LABEL_WIDTH))} ${value}`;
  return [
    `  ${theme.good('ready')}${status.readyInMs === undefined ? '' : ` in ${formatDuration(status.readyInMs)}`}`,
    '',
    ...nodeUrlLines(status, row),
    row('redis-cli', `redis-cli -c -p ${first.port}`),
    row('another terminal', `${program} shell${flag}`),
    row('', `${program} cluster status${name}`),
    row('', `${program} cluster ring${name}`),
    '',
    `  ${theme.dim(dataLine(status))}`,
    `  ${theme.dim(endLine(after, name))}`,
    '',
  ].join('\n');
}

function nodeUrlLines(status: ClusterStatus, row: (label: string, value: string) => string): string[] {
  const masters = status.nodes.filter((node) => node.role === 'master');
  const replicas = status.nodes.filter((node) => node.role === 'replica');
  const labelled = (label: string, nodes: typeof masters): string[] =>
    nodes.map((node, index) => row(index === 0 ? label : '', `${node.name.padEnd(4)} ${urlsText(node)}`));
  return [...labelled(replicas.length === 0 ? 'nodes' : 'masters', masters), ...labelled('replicas', replicas)];
}

function urlsText({ url, tlsUrl }: NodeStatus): string {
  return tlsUrl === undefined ? url : `${url}   ${tlsUrl}`;
}

function dataLine(status: ClusterStatus): string {
  const kept = status.ephemeral
    ? 'nothing is kept when it stops'
    : 'a stop loses it; ports, members and tenants are kept';
  return `Data is in memory: ${kept}.`;
}

function endLine(after: AfterStart, name: string): string {
  switch (after) {
    case 'background':
      return `It runs in the background: ${programName()} cluster down${name} stops it.`;
    case 'shell':
      return 'Leaving the shell (Ctrl-D) stops the cluster.';
    case 'foreground':
      return 'Ctrl-C stops the cluster.';
  }
}
