/** INFO memory. */
import { totalmem } from 'node:os';
import { human, percent, ratio, type Section } from './section.js';

export const memory: Section = (instance, session, keyspace) => {
  const own = keyspace.usedBytes;
  if (!session.isAdmin) return { used_memory: own, used_memory_human: human(own), used_memory_dataset: own };
  const figures = instance.memory();
  const { usedBytes, residentBytes, peakBytes, startupBytes, dataBytes } = figures;
  const { maxMemoryBytes, evictionPolicy } = instance.config;
  const overheadBytes = usedBytes - dataBytes;
  const activeBytes = instance.store.reservedBytes;
  return {
    used_memory: usedBytes,
    used_memory_human: human(usedBytes),
    used_memory_rss: residentBytes,
    used_memory_rss_human: human(residentBytes),
    used_memory_peak: peakBytes,
    used_memory_peak_human: human(peakBytes),
    used_memory_peak_perc: percent(usedBytes, peakBytes),
    used_memory_overhead: overheadBytes,
    used_memory_startup: startupBytes,
    used_memory_dataset: dataBytes,
    used_memory_dataset_perc: percent(dataBytes, usedBytes - startupBytes),
    allocator_allocated: dataBytes,
    allocator_active: activeBytes,
    allocator_frag_ratio: ratio(activeBytes, dataBytes),
    allocator_frag_bytes: activeBytes - dataBytes,
    used_memory_scripts: 0,
    used_memory_scripts_human: human(0),
    number_of_cached_scripts: 0,
    number_of_functions: 0,
    total_system_memory: totalmem(),
    total_system_memory_human: human(totalmem()),
    used_memory_js_heap: figures.heapBytes,
    used_memory_array_buffers: figures.bufferBytes,
    maxmemory: maxMemoryBytes,
    maxmemory_human: human(maxMemoryBytes),
    maxmemory_policy: evictionPolicy,
    mem_fragmentation_ratio: ratio(residentBytes, usedBytes),
    mem_fragmentation_bytes: residentBytes - usedBytes,
    mem_not_counted_for_evict: overheadBytes,
    mem_replication_backlog: figures.backlogBytes,
    mem_total_replication_buffers: figures.backlogBytes,
    mem_clients_slaves: 0,
    mem_clients_normal: figures.clientBytes,
    mem_cluster_links: 0,
    mem_aof_buffer: 0,
    active_defrag_running: 0,
    mem_allocator: 'rednode-arena',
  };
};
